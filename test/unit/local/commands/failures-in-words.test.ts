import { expect, it } from 'vitest';
import { CloudError } from '../../../../local/cloud/errors.ts';
import { describeFailure } from '../../../../local/failures.ts';

it('names the command that removes a table which has to be created again', () => {
  const sentence = describeFailure(
    new CloudError('TableDiffers', 'Table t has other keys than the template.'),
  );
  expect(sentence).toMatch(/^Table t has other keys than the template\. Run npm run reset[^\n]*$/);
});
