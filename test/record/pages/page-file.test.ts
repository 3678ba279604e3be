import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PageFile } from '../../../src/record/pages/page-file.ts';
import { temporaryFolder } from '../database.ts';

const PAGE_SIZE = 65_536;
const PAGES = 100;
/** Where a database has its length in pages. */
const PAGE_COUNT = 28;

const page = (n: number) => new Uint8Array(PAGE_SIZE).fill(n);

it.each([
  ['never', Number.POSITIVE_INFINITY, false],
  ['often, one time after the other', 1, true],
  ['often, the first time not being over', 1, false],
])('what is added is in the file, the disk being asked %s', async (_, syncLength, pauses) => {
  const path = join(temporaryFolder(), 'pages');
  writeFileSync(path, page(0));
  const file = new PageFile(path, PAGE_SIZE, syncLength);
  for (let n = 1; n <= PAGES; n++) {
    expect(file.append(page(n))).toBe(n + 1);
    if (pauses) await setTimeout(1);
  }
  file.overwrite(2, page(255));
  file.close();
  const written = readFileSync(path);
  expect(written.readUInt32BE(PAGE_COUNT)).toBe(PAGES + 1);
  const expected = Buffer.concat(Array.from({ length: PAGES + 1 }, (_, n) => page(n === 1 ? 255 : n)));
  written.copy(expected, PAGE_COUNT, PAGE_COUNT, PAGE_COUNT + 4);
  expect(written.equals(expected)).toBe(true);
});
