// Run by `npm run docs:mirror`. A test fails while docs/mirror.md is not what this writes.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withAttributes } from './attribute-docs.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'mirror.md');

await writeFile(PAGE, withAttributes(await readFile(PAGE, 'utf8')));
