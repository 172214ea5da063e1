// Run by `npm run docs:settings`. A test fails while docs/settings.md is not what this writes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsPage } from './settings-page.ts';

await writeFile(join(import.meta.dirname, '..', 'docs', 'settings.md'), settingsPage());
