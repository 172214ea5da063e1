import type { Failure } from '../shared/contract/job-execution.ts';
import type { ListedRepository } from '../shared/contract/repositories.ts';
import type { SharedWebhook } from '../shared/contract/webhooks.ts';
import type { Log } from '../shared/logger.ts';

/** Each of them delivers the same pushes again. */
export const otherWebhooksSentence = (ids: readonly number[]): string =>
  `Other webhooks also point to this service and were left unchanged: ${ids.join(', ')}`;

export const webhookWritten = (
  log: Log,
  { itemBankId, repositoryName }: ListedRepository,
  left: 'created' | 'repaired',
): void => log.info(`${left} the project webhook of item bank id ${itemBankId} (${repositoryName})`);

export const webhookNotWritten = (
  log: Log,
  { itemBankId, repositoryName }: ListedRepository,
  { attempt, failure }: { attempt: 'create' | 'repair'; failure: Failure },
): void =>
  log.warn(
    `could not ${attempt} the project webhook of item bank id ${itemBankId} (${repositoryName}): ${failure.message}`,
    { failure },
  );

export function sharedWebhook(log: Log, organization: string, webhook: SharedWebhook): void {
  const { scope, left, failure, others } = webhook;
  const line = `${scope === 'app' ? 'App webhook' : 'organization webhook'} of ${organization}: ${left}`;
  if (failure) log.warn(`${line}, ${failure.reason}: ${failure.message}`, { webhook });
  else if (others) log.warn(`${line}. ${otherWebhooksSentence(others)}`, { webhook });
  else log.info(line, { webhook });
}
