// Run by `npm run docs:openapi`. A test fails until docs/openapi.json is what this writes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeRoutes } from './document.ts';

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'openapi.json');

await writeFile(FILE, `${JSON.stringify(describeRoutes(), null, 2)}\n`);
