import { expect, it } from 'vitest';
import { CloudError } from '../../../../local/cloud/errors.ts';
import { inWords } from '../../../../local/failures.ts';

it('a table that has to be made anew is told with the command that does it', () => {
  const told = inWords(new CloudError('TableDiffers', 'Table t has other keys than the template.'));
  expect(told).toMatch(/^Table t has other keys than the template\. npm run reset[^\n]*$/);
});
