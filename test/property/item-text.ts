import type { Commitment, Content } from './operations.ts';

const FIELDS = {
  newer: { intendedGrade: '7', primaryTarget: 'C', allowCalculator: 'true' },
  unreadable: { intendedGrade: ['7'], primaryTarget: 5, allowCalculator: {} },
  older: { grade: '7', primaryAssessmentTarget: 'C', calculator: 'true' },
};

/** A valid item.json. */
export function itemText(id: string, { status, edition, names }: Content): string {
  const item = {
    ...{ id, type: 'mc', version: `edition ${edition}` },
    core: {
      stimulusId: '0204970',
      metadata: { subject: 'Math', ...FIELDS[names] },
      en: {
        prompt: `<p>Find&nbsp;<b>x</b> in edition ${edition}</p>`,
        options: edition === 1 ? [] : [{ text: '<math xmlns="m"><mi>x</mi></math>' }],
        updatedDate: `2026-11-2${edition}T00:00:00.000Z`,
      },
    },
    workflow: { workflowStatusCode: status },
  };
  return `${JSON.stringify(item, null, 2)}\n`;
}

type Fault = Extract<Commitment, { kind: 'spoil item' }>['fault'];

export const SPOILT_ITEMS: Record<Fault, string> = {
  'is not JSON': '{"id":"1","type":\n',
  'has no type': '{"id":"1"}\n',
  'has letters for an id': '{"id":"one","type":"mc"}\n',
  'is a Git LFS pointer': [
    'version https://git-lfs.github.com/spec/v1',
    'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393',
    'size 12345\n',
  ].join('\n'),
  'is a web page': '<!DOCTYPE html>\n<html><body>Sign in</body></html>\n',
  'has a merge conflict': '{\n<<<<<<< HEAD\n"id":"1",\n=======\n"id":"2",\n>>>>>>> main\n"type":"mc"}\n',
};
