import type { Failure } from '../shared/contract/job-execution.ts';
import { described, id, type Schema, text } from './schema.ts';

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const itemBankId = described('The numeric GitHub repository id.', id);
export const repository = described('The name of the repository.', text);

export const FAILURE: Record<keyof Failure, Schema> = {
  reason: ref('Reason'),
  message: described("In GitHub's words or ours.", text),
  githubRequestId: described("GitHub's id of the failed request, which its support asks for.", text),
};
export const FAILURE_NAMES = ['reason', 'message', 'githubRequestId'] as const;
