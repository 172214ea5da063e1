import * as z from 'zod';

/**
 * The parts of the API's answers that the commands use. Unknown members are kept, so that `--json` shows what a later
 * release adds, and unknown statuses and reasons are accepted.
 */
const counts = z.record(z.string(), z.number());
const failure = {
  reason: z.string().optional(),
  message: z.string().optional(),
  githubRequestId: z.string().optional(),
};

const run = {
  jobExecutionId: z.number(),
  status: z.string(),
  exitCode: z.string().nullable(),
  exitMessage: z.string().nullable(),
  trigger: z.string(),
  startedBy: z.string(),
  dryRun: z.boolean(),
  removalLimitPercent: z.number().nullable(),
  createTime: z.string(),
  startTime: z.string().nullable(),
  endTime: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  total: z.number().nullable(),
  restartOf: z.number().nullable(),
  restartedBy: z.number().nullable(),
  stoppedBy: z.string().nullable(),
  executionArn: z.string(),
  consoleUrl: z.string(),
};

export const ExecutionSummary = z.looseObject({ ...run, outcomes: counts.nullable() });
export type ExecutionSummary = z.output<typeof ExecutionSummary>;

export const FindExecutionsAnswer = z.looseObject({
  executions: z.array(ExecutionSummary),
  unreadable: z.array(z.number()).optional(),
  next: z.string().optional(),
});

const RequestCounts = z.looseObject({
  reads: z.number(),
  writes: z.number(),
  queries: z.number(),
  refused: z.number(),
});

const Forecast = z.looseObject({
  webhookChecks: z.number(),
  requests: z.looseObject({ reads: z.number(), queries: z.number() }),
  seconds: z.number().optional(),
});

export const ExecutionDetail = z.looseObject({
  ...run,
  done: z.number().nullable(),
  outcomes: counts.nullable(),
  webhooks: counts.nullable(),
  requiringProjectWebhook: z.number().nullable(),
  changedWithoutDelivery: z.number().nullable(),
  itemsWithFieldIssues: z.number().nullable(),
  waits: z.array(z.looseObject({ waitsFor: z.string(), until: z.string() })),
  forecast: Forecast.nullable(),
  requests: RequestCounts.nullable(),
  estimatedEnd: z.string().nullable(),
  itemsKeptUntil: z.string(),
});
export type ExecutionDetail = z.output<typeof ExecutionDetail>;

export const ExecutionItem = z.looseObject({
  itemBankId: z.number(),
  repository: z.string(),
  outcome: z.string(),
  since: z.string().optional(),
  webhookFound: z.string(),
  webhookLeft: z.string(),
  webhookFailure: z.looseObject({ reason: z.string(), message: z.string() }).optional(),
  ...failure,
});
export type ExecutionItem = z.output<typeof ExecutionItem>;

export const FindExecutionItemsAnswer = z.looseObject({
  items: z.array(ExecutionItem),
  unreadable: z.array(z.number()).optional(),
  next: z.string().optional(),
});

/** The answer of `POST /sync` and `POST /executions/{jobExecutionId}/restart`. */
export const StartAnswer = z.looseObject({
  jobExecutionId: z.number(),
  status: z.string(),
  message: z.string(),
  executionArn: z.string(),
});
export type StartAnswer = z.output<typeof StartAnswer>;

export const ControlAnswer = z.looseObject({
  jobExecutionId: z.number(),
  status: z.string(),
  message: z.string(),
  stoppedBy: z.string(),
});

export const SyncItemAnswer = z.looseObject({
  itemBankId: z.number(),
  repository: z.string(),
  outcome: z.string(),
  webhook: z.string(),
  dryRun: z.boolean(),
  ...failure,
});
export type SyncItemAnswer = z.output<typeof SyncItemAnswer>;

export const ItemView = z.looseObject({
  itemBankId: z.number(),
  repository: z.string(),
  archived: z.boolean(),
  mirrored: z.boolean(),
  item: z.looseObject({}).nullable(),
  freshness: z.looseObject({
    lastVerifiedAt: z.string().nullable(),
    lastChangedAt: z.string().nullable(),
    staleSince: z.string().nullable(),
    deferredAt: z.string().nullable(),
  }),
  lastFailure: z
    .looseObject({ reason: z.string(), message: z.string(), since: z.string(), at: z.string().optional() })
    .nullable(),
});
export type ItemView = z.output<typeof ItemView>;

export const FindItemsAnswer = z.looseObject({ items: z.array(ItemView), next: z.string().optional() });
