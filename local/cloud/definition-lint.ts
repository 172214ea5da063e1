import validate from 'asl-validator';
import { z } from 'zod';

/** The parts of the Amazon States Language that define states and their nesting. */
const state: z.ZodType<State> = z.lazy(() =>
  z.looseObject({
    Type: z.string(),
    Resource: z.string().optional(),
    Catch: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).optional(),
    ItemProcessor: states.optional(),
    Iterator: states.optional(),
    Branches: z.array(states).optional(),
  }),
);
const states = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), state) });
const definitionSchema = states.extend({ TimeoutSeconds: z.number().optional() });

interface States {
  [field: string]: unknown;
  StartAt: string;
  States: Record<string, State>;
}

interface State {
  [field: string]: unknown;
  Type: string;
  Resource?: string | undefined;
  Catch?: { [field: string]: unknown; ErrorEquals: string[] }[] | undefined;
  ItemProcessor?: States | undefined;
  Iterator?: States | undefined;
  Branches?: States[] | undefined;
}

export interface Definition extends States {
  TimeoutSeconds?: number | undefined;
}

export interface DefinitionFault {
  /** Undefined for a fault of the definition as a whole. */
  state?: string;
  fault: string;
}

/** Parses the definition of a state machine. @throws when it is not JSON, or not a definition */
export const parseDefinition = (json: string): Definition => definitionSchema.parse(JSON.parse(json));

/** A state and its position in the definition. */
export interface PlacedState {
  name: string;
  state: State;
  /** The enclosing Map, or the enclosing Parallel and the number of its branch; '' at the top level. */
  within: string;
  /** Whether the state is inside a Map. */
  isIterated: boolean;
}

/** Lists all states, including those of iterations and branches. */
export function allStates(definition: States, within = '', isIterated = false): PlacedState[] {
  return Object.entries(definition.States).flatMap(([name, found]) => [
    { name, state: found, within, isIterated },
    ...[found.ItemProcessor, found.Iterator].flatMap((nested) =>
      nested ? allStates(nested, name, true) : [],
    ),
    ...(found.Branches ?? []).flatMap((branch, number) => allStates(branch, `${name}/${number}`, isIterated)),
  ]);
}

/** Fields that the engine ignores silently, so that a definition that relies on one would misbehave. */
const IGNORED_FIELDS = [
  'Assign',
  'Arguments',
  'Output',
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'HeartbeatSeconds',
  'HeartbeatSecondsPath',
  'Credentials',
];

const validated = new Map<string, ReturnType<typeof validate>>();

/** asl-validator compiles its JSON schemas in every call, which takes a fifth of a second. */
function validateOnce(definition: object): ReturnType<typeof validate> {
  const text = JSON.stringify(definition);
  const known = validated.get(text) ?? validate(definition);
  validated.set(text, known);
  return known;
}

/** Finds what would fail on AWS, and what would behave differently in the engine used here. */
export function lintDefinition(definition: object): DefinitionFault[] {
  const { errors } = validateOnce(definition);
  const invalid = errors.map((error) => ({ fault: `${error['Error code']}: ${error.Message}` }));
  return [...invalid, ...findUnsupported(definition)];
}

/** Finds what would behave differently in the engine used here. */
export function findUnsupported(definition: object): DefinitionFault[] {
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) return [{ fault: z.prettifyError(parsed.error) }];
  const placed = allStates(parsed.data);
  const language = isJsonata(parsed.data['QueryLanguage'])
    ? [{ fault: 'QueryLanguage JSONata is not supported here' }]
    : [];
  return [...language, ...duplicates(placed), ...placed.flatMap(faultsOfState)];
}

const isJsonata = (language: unknown) => language !== undefined && language !== 'JSONPath';

/** Names must be unique, because handlers are found by the name of their state. */
function duplicates(placed: PlacedState[]): DefinitionFault[] {
  const names = placed.map(({ name }) => name);
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => ({ state: name, fault: 'has the same name as another state' }));
}

function faultsOfState({ name, state: found, isIterated }: PlacedState): DefinitionFault[] {
  const { ItemProcessor, Iterator: iterator, Branches, ItemSelector, ...own } = found;
  const text = JSON.stringify(own);
  const faults = [
    ...IGNORED_FIELDS.filter((field) => found[field] !== undefined).map(
      (field) => `${field} is not supported here`,
    ),
    ...(isJsonata(found['QueryLanguage']) ? ['QueryLanguage JSONata is not supported here'] : []),
    ...(found.Type === 'Task' ? faultsOfResource(found.Resource ?? '') : []),
    ...(found.Type === 'Map' ? faultsOfMap(found) : []),
    ...(/\$\$\.(State(?!\.RetryCount\b)|Task|StateMachine)\b/.test(JSON.stringify(found))
      ? ['$$.State, $$.Task and $$.StateMachine have no value here, except $$.State.RetryCount']
      : []),
    ...(found.Type !== 'Task' && /\$\$\.State\.RetryCount\b/.test(JSON.stringify({ ...own, ItemSelector }))
      ? ['$$.State.RetryCount has a value only in a Task here']
      : []),
    ...(/\$\$\.Map\b/.test(text) ? ['$$.Map has a value only in ItemSelector here'] : []),
    ...(isIterated && /\$\$\.Execution\.Input\b/.test(JSON.stringify(found))
      ? ["$$.Execution.Input is the iteration's input here"]
      : []),
  ];
  return faults.map((fault) => ({ state: name, fault }));
}

function faultsOfResource(resource: string): string[] {
  const runs = /^arn:aws:(states:::lambda:invoke|lambda:[\w-]*:\d*:function:[\w-]+(:\$LATEST)?)$/.test(
    resource,
  );
  return runs ? [] : [`Resource ${resource} is not supported here: only Lambda functions are`];
}

function faultsOfMap(found: State): string[] {
  const iteration = found.ItemProcessor ?? found.Iterator;
  if (iteration === undefined) return [];
  const config = iteration['ProcessorConfig'];
  const mode: unknown =
    typeof config === 'object' && config !== null && 'Mode' in config ? config.Mode : 'INLINE';
  // On AWS, a failed iteration stops the others; in this engine it does not.
  const uncaught = Object.entries(iteration.States)
    .filter(([, { Type }]) => ['Task', 'Map', 'Parallel'].includes(Type))
    .filter(([, { Catch }]) => !Catch?.at(-1)?.ErrorEquals.includes('States.ALL'))
    .map(([name]) => `iterates over ${name}, which must catch States.ALL here`);
  return mode === 'INLINE' ? uncaught : [`a Map in mode ${mode} is not supported here`, ...uncaught];
}
