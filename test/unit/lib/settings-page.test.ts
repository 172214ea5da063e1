import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTING_NAMES } from '../../../lib/settings.ts';
import { settingRows, settingsPage } from '../../../lib/settings-page.ts';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'settings.md');
const rowOf = (wanted: string) => settingRows().find(({ name }) => name === wanted);

describe('docs/settings.md', () => {
  it('is current: npm run docs:settings writes it', async () => {
    expect(await readFile(PAGE, 'utf8')).toBe(settingsPage());
  });

  it('describes every setting', () => {
    expect(settingRows().map(({ name }) => name)).toEqual(SETTING_NAMES);
    expect(settingRows().filter(({ description }) => description === '')).toEqual([]);
  });

  it.each([
    ['stage', 'required', ''],
    ['tokenIssuer', 'none', ''],
    ['ignoredRepositories', 'empty', ''],
    ['schedule', '`cron(0 9 * * ? *)`', ''],
    ['logLevel', '`INFO`', '`DEBUG`, `INFO`, `WARN`'],
    ['runDeadlineHours', '`6`', '1 to 23'],
    ['removalEnabled', '`true`', '`true`, `false`'],
    ['disposable', '`false`', '`true`, `false`'],
  ])('shows the default and the values of %s', (name, shownDefault, values) => {
    expect(rowOf(name)).toMatchObject({ default: shownDefault, values });
  });
});
