// Writes the reference pages and the manual from what they describe: the command line, the schema, the
// named queries. `npm run docs` runs it; test/docs.test.ts fails if a page is out of date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pages } from './docs/pages.ts';

const root = join(import.meta.dirname, '..');

for (const [path, text] of await pages()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
