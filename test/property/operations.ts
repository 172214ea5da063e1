import * as fc from 'fast-check';

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** The content of a valid item.json. It has few values, so that items often return to an earlier content. */
export type Content = ValueOf<typeof content>;
const content = fc.record({
  status: fc.constantFrom('Draft', 'ContentReview', 'Operational', undefined),
  edition: fc.integer({ min: 1, max: 2 }),
  /** Whether the fields have their current names, their former ones, or values that cannot be read. */
  names: fc.constantFrom('newer', 'older', 'unreadable'),
});
/** Why an item.json cannot be mirrored. */
const fault = fc.constantFrom(
  ...(['is not JSON', 'has no type', 'has letters for an id'] as const),
  ...(['is a Git LFS pointer', 'is a web page', 'has a merge conflict'] as const),
);
/** The stranger has no GitHub account, and a clock that is three days slow. */
const author = fc.constantFrom('greta', 'stranger');
const createBranch = fc.oneof(
  { weight: 3, arbitrary: fc.constant('create_greta') },
  { weight: 1, arbitrary: fc.constant('create_lucian') },
);
/** A former name is free because its repository was deleted, renamed or transferred. */
const name = fc.constantFrom('new', 'former');

/** An index into a list of unknown length. It is used modulo the length. */
const place = fc.nat(11);
/** Mostly the newest repository, so that many operations affect the same one. */
const repository = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: place });

/** An operation on one of the existing repositories. */
const inRepository = <const Kind extends string, Rest>(
  kind: Kind,
  rest: { [Name in keyof Rest]: fc.Arbitrary<Rest[Name]> },
) => fc.tuple(repository, fc.record(rest)).map(([which, said]) => ({ kind, repository: which, ...said }));

/** A commit to a repository that is not archived. */
export type Commitment = ValueOf<typeof commitment>;
const commitment = fc.oneof(
  { weight: 8, arbitrary: inRepository('save item', { content, author }) },
  { weight: 2, arbitrary: inRepository('save notes', {}) },
  { weight: 1, arbitrary: inRepository('mark as being created', {}) },
  { weight: 2, arbitrary: inRepository('spoil item', { fault }) },
  { weight: 2, arbitrary: inRepository('delete item', {}) },
  // More revisions than fit into one transaction of the mirror.
  { weight: 2, arbitrary: inRepository('save item often', { times: fc.integer({ min: 100, max: 120 }) }) },
  {
    weight: 4,
    arbitrary: inRepository('merge a branch', {
      changed: fc.constantFrom('on the branch', 'on both sides', 'nowhere'),
      kept: fc.constantFrom('ours', 'theirs', 'neither'),
      content,
    }),
  },
  { weight: 4, arbitrary: inRepository('force back', { commits: place }) },
  { weight: 2, arbitrary: inRepository('force elsewhere', { content: fc.option(content) }) },
  { weight: 2, arbitrary: inRepository('force to a branch', { head: place }) },
  { weight: 4, arbitrary: inRepository('save item being created', { branch: createBranch, content }) },
  {
    weight: 5,
    arbitrary: inRepository('merge item being created', {
      branch: createBranch,
      how: fc.constantFrom('by a merge commit', 'by moving the branch'),
    }),
  },
  { weight: 1, arbitrary: inRepository('delete branch', { branch: createBranch }) },
);

/** A change of the settings of a repository that is not archived. */
export type Setting = ValueOf<typeof setting>;
const setting = fc.oneof(
  { weight: 3, arbitrary: inRepository('rename', { to: name }) },
  { weight: 2, arbitrary: inRepository('switch default branch', { to: place }) },
);

const administration = fc.oneof(
  { weight: 3, arbitrary: inRepository('archive or unarchive', {}) },
  { weight: 2, arbitrary: inRepository('delete repository', {}) },
  { weight: 2, arbitrary: inRepository('transfer', {}) },
);

export type Creation = ValueOf<typeof creation>;
const creation = fc.record({
  kind: fc.constant('create repository'),
  name,
  begins: fc.oneof(
    fc.constantFrom('empty', 'with a page', 'with an item'),
    fc.constant('with an item being created'),
  ),
});

/** What people do to an item bank. An impossible operation does nothing. */
export type BankOperation = ValueOf<typeof bankOperation>;
export const bankOperation = fc.oneof(
  { weight: 32, arbitrary: commitment },
  { weight: 6, arbitrary: setting },
  { weight: 7, arbitrary: administration },
  { weight: 8, arbitrary: creation },
);

const removalLimitPercent = fc.constantFrom(10, 100);
const run = fc.record({ kind: fc.constant('run'), dryRun: fc.constant(false), removalLimitPercent });
const dryRun = fc.record({ kind: fc.constant('run'), dryRun: fc.constant(true), removalLimitPercent });
/** Chosen from all repositories, including those that are gone. */
const item = fc.record({ kind: fc.constant('synchronize item'), id: repository });
const delivery = fc.record({
  id: repository,
  event: fc.oneof(
    { weight: 4, arbitrary: fc.constant('push') },
    { weight: 1, arbitrary: fc.constantFrom('created', 'renamed', 'archived', 'deleted', 'transferred') },
    { weight: 1, arbitrary: fc.constant('meta') },
  ),
});
/**
 * Deliveries that the function behind the queue handles together. They need not match what happened: a delivery may be
 * lost, late, repeated or in another order, and one with a stolen secret may say anything.
 */
const deliveries = fc.record({
  kind: fc.constant('handle deliveries'),
  deliveries: fc.array(delivery, { minLength: 1, maxLength: 4 }),
});

export type Synchronization =
  | ValueOf<typeof deliveries>
  | ValueOf<typeof run>
  | ValueOf<typeof dryRun>
  | ValueOf<typeof item>;

/** A turn of a few requests ends within the work of a party, and one of many requests at its end. */
const requests = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(100));
const turns = fc.array(fc.record({ party: fc.nat(2), requests }), { minLength: 1, maxLength: 12 });

const together = fc.record({
  kind: fc.constant('together'),
  // Two runs are never concurrent, because of the lock.
  operations: fc.oneof(
    fc.tuple(fc.oneof(run, dryRun), bankOperation),
    fc.tuple(item, bankOperation),
    fc.tuple(run, item),
    fc.tuple(item, item),
    fc.tuple(run, item, bankOperation),
    fc.tuple(run, deliveries),
    fc.tuple(deliveries, bankOperation),
    fc.tuple(deliveries, deliveries),
    fc.tuple(run, deliveries, bankOperation),
  ),
  turns,
});

/** The rows become those of an earlier release, as if this one had just been deployed. */
const release = fc.record({
  kind: fc.constant('release'),
  before: fc.constantFrom('version 2', 'earlier fields'),
});

export type Operation = ValueOf<typeof operation>;
const operation = fc.oneof(
  { weight: 7, arbitrary: bankOperation },
  { weight: 2, arbitrary: run },
  { weight: 1, arbitrary: dryRun },
  { weight: 2, arbitrary: item },
  { weight: 2, arbitrary: deliveries },
  { weight: 4, arbitrary: together },
  { weight: 1, arbitrary: release },
);

/** How the bank is generated. */
export type BankOrigin = ValueOf<typeof bankOrigin>;
const bankOrigin = fc.record({
  repositories: fc.integer({ min: 2, max: 3 }),
  seed: fc.integer({ min: 1, max: 50 }),
});

/** The last change to a bank, and the turns of the run after it and of a synchronization that began before it. */
export type LastChange = ValueOf<typeof lastChange>;
const lastChange = fc.record({ change: fc.oneof(commitment, setting), turns });

/** A history of an item bank and its mirror. */
export const histories = fc.record({
  bank: bankOrigin,
  // All lengths are equally frequent, because long lists find more faults than their share of the time.
  operations: fc.noBias(fc.array(operation, { minLength: 1, maxLength: 10, size: 'max' })),
  last: lastChange,
});

/** Steps of a run that are repeated, and a change of the bank before that. */
export type Repetition = ValueOf<typeof repetition>;
const repetition = fc.record({
  change: fc.option(bankOperation),
  /** Indexes of the steps completed so far. */
  again: fc.array(place, { maxLength: 2 }),
});

export type RepeatingRun = ValueOf<typeof repeatingRun>;
const repeatingRun = fc.record({
  dryRun: fc.boolean(),
  removalLimitPercent,
  repetitions: fc.array(repetition, { maxLength: 6, size: 'max' }),
});

/** Consecutive runs. */
export const repeatingRuns = fc.record({
  bank: bankOrigin,
  runs: fc.noBias(fc.array(repeatingRun, { minLength: 1, maxLength: 3, size: 'max' })),
});
