import * as fc from 'fast-check';
import { bankOperation } from '../property/operations.ts';
import { AWS_FAULTS, type AwsFaultName } from './aws-faults.ts';
import type { AwsCall, CallKind, GitHubCall } from './calls.ts';
import { GITHUB_FAULTS, GITHUB_OUTAGES, type GitHubFaultName } from './github-faults.ts';

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const BANK_SIZE = 300;

/** Always generates `value`. Only shrinking tries smaller numbers. */
class Shrinkable extends fc.Arbitrary<number> {
  readonly value: number;
  readonly least: number;

  constructor(value: number, least: number) {
    super();
    this.value = value;
    this.least = least;
  }

  generate(): fc.Value<number> {
    return new fc.Value(this.value, undefined);
  }

  canShrinkWithoutContext(value: unknown): value is number {
    return typeof value === 'number';
  }

  shrink(value: number): fc.Stream<fc.Value<number>> {
    const smaller = [this.least, Math.floor(value / 10), Math.floor(value / 2), value - 1];
    const tried = [...new Set(smaller)].filter((size) => size >= this.least && size < value);
    return fc.stream(tried.map((size) => new fc.Value(size, undefined))[Symbol.iterator]());
  }
}

/** An index into the bank, which is used modulo its size. */
const repository = fc.nat(BANK_SIZE - 1);

const change = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(bankOperation, repository).map(elsewhere) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('delete webhook', 'change webhook'), repository }),
  },
  // The property tests have fewer of them, and a removal needs the most care.
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('delete repository', 'transfer'), repository }),
  },
);

/** The operations of the property tests mostly concern the newest repositories. */
function elsewhere([operation, place]: [ValueOf<typeof bankOperation>, number]): ValueOf<
  typeof bankOperation
> {
  return 'repository' in operation ? { ...operation, repository: place } : operation;
}

/** Something that people do to the bank. */
export type Change = ValueOf<typeof change>;

/** How many requests of a kind a run sends, roughly: incidents are spread over as many. Of the others, over three. */
const FREQUENCY: Partial<Record<CallKind, number>> = {
  'webhook check': 320,
  histories: 10,
  blobs: 8,
  'webhook write': 5,
  'table read': 40,
  'table write': 30,
  transaction: 12,
  events: 3,
  invocation: 10,
};

/** When something happens: before the request of this kind that follows so many others of a run. */
export interface Moment {
  on: CallKind;
  after: number;
}

const momentOf = <Kind extends CallKind>(kinds: readonly Kind[]): fc.Arbitrary<Moment & { on: Kind }> =>
  fc
    .constantFrom(...kinds)
    .chain((on) => fc.record({ on: fc.constant(on), after: fc.nat(FREQUENCY[on] ?? 2) }));

const namesOf = <Name extends string>(record: Record<Name, unknown>): Name[] => Object.keys(record) as Name[];

/** A fault by its name, at one of the moments at which it can happen, and as often as it may happen in a row. */
const faultOf = <Name extends string, Kind extends CallKind>(
  faults: Record<Name, { on: readonly Kind[]; most: number }>,
) =>
  fc.constantFrom(...namesOf(faults)).chain((fault) => {
    const { on, most } = faults[fault];
    return fc
      .tuple(momentOf(on), fc.integer({ min: 1, max: most }))
      .map(([moment, times]) => ({ ...moment, fault, times }));
  });

const gitHubFault = faultOf<GitHubFaultName, GitHubCall>(GITHUB_FAULTS).map((fault) => ({
  ...fault,
  what: 'GitHub fault' as const,
}));
const awsFault = faultOf<AwsFaultName, AwsCall>(AWS_FAULTS).map((fault) => ({
  ...fault,
  what: 'AWS fault' as const,
}));

/** If an invocation is repeated while it works, the first one continues: only its caller gave up. */
const HOW_INVOCATIONS_FAIL = [
  'is throttled',
  'fails',
  'loses its answer',
  'is repeated while it works',
] as const;

/** During the work of a run, wherever that is. */
const anyMoment = momentOf([
  ...(['listing', 'count', 'heads', 'histories', 'blobs', 'webhook check', 'webhook write'] as const),
  ...(['repository by id', 'table read', 'table write', 'transaction', 'events'] as const),
]);

const happening = <What extends string, Rest>(
  what: What,
  rest: { [Name in keyof Rest]: fc.Arbitrary<Rest[Name]> },
) => fc.tuple(anyMoment, fc.record(rest)).map(([moment, said]) => ({ ...moment, what, ...said }));

export type Incident = ValueOf<typeof incident>;
const incident = fc.oneof(
  { weight: 12, arbitrary: gitHubFault },
  { weight: 5, arbitrary: awsFault },
  { weight: 6, arbitrary: happening('change', { change }) },
  { weight: 2, arbitrary: happening('invocation dies', { how: fc.constantFrom('crashes', 'hangs') }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(momentOf(['invocation']), fc.constantFrom(...HOW_INVOCATIONS_FAIL))
      .map(([moment, how]) => ({ ...moment, what: 'invocation' as const, how })),
  },
  {
    weight: 1,
    arbitrary: happening('GitHub outage', {
      how: fc.constantFrom(...namesOf(GITHUB_OUTAGES)),
      minutes: fc.constantFrom(1, 4, 30, 240),
    }),
  },
  { weight: 1, arbitrary: happening('AWS outage', { minutes: fc.constantFrom(1, 5, 30) }) },
  { weight: 1, arbitrary: happening('machine dies', { minutes: fc.constantFrom(0, 3, 60) }) },
  { weight: 1, arbitrary: happening('run is stopped', {}) },
  { weight: 1, arbitrary: happening('repository is not listed', {}) },
  { weight: 2, arbitrary: happening('item is synchronized', { repository }) },
  { weight: 1, arbitrary: happening('another start', { by: fc.constantFrom('api', 'schedule', 'console') }) },
);

export type RunPlan = ValueOf<typeof run>;
const run = fc.record({
  by: fc.constantFrom('schedule', 'api', 'console'),
  /** Only of a start by the API. */
  dryRun: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  /** Since the end of the run before it. The functions of a stopped run may still be working. */
  minutesLater: fc.constantFrom(0, 1, 60, 1_440),
  changes: fc.array(change, { maxLength: 10, size: 'max' }),
  incidents: fc.array(incident, { minLength: 2, maxLength: 14, size: 'max' }),
});

export type NightPlan = ValueOf<typeof nights>;
export const nights = fc.noBias(
  fc.record({
    repositories: new Shrinkable(BANK_SIZE, 3),
    /** Of the bank, and of all latencies. */
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    /** Repositories whose item.json cannot be read from the beginning to the end. */
    unreadable: fc.nat(4),
    /** Repositories whose history takes several queries. */
    longHistories: fc.nat(2),
    /** Whether the product keeps GitHub's published limits, and GitHub the limit of the hour. */
    limits: fc.constantFrom('published', 'off'),
    runs: fc.array(run, { minLength: 1, maxLength: 4, size: 'max' }),
  }),
);
