import { expect, it } from 'vitest';
import { CloudError } from '../../../../local/cloud/errors.ts';
import { inWords } from '../../../../local/failures.ts';

it('an error about a table that must be recreated names the command for it', () => {
  const told = inWords(new CloudError('TableDiffers', 'Table t has other keys than the template.'));
  expect(told).toMatch(/^Table t has other keys than the template\. npm run reset[^\n]*$/);
});
