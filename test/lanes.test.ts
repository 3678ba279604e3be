import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareRelation } from '../scripts/bench/same/compare.ts';
import { Contents } from '../scripts/bench/same/contents.ts';
import { generate, SHAPES } from '../scripts/generate/generate.ts';
import { analyze } from '../src/pipeline.ts';
import { temporaryFolder } from './record/database.ts';

/** A capture of many flows, some of which are long over at its end. */
function capture(folder: string, ipv6: boolean): string {
  const path = join(folder, 'many.pcap');
  const blocks: Uint8Array[] = [];
  const options = { ...SHAPES.tiny, flows: 6000, concurrent: 5, seed: 11, ipv6, snapLength: 96 };
  generate(options, (block) => blocks.push(block.slice()));
  writeFileSync(path, Buffer.concat(blocks));
  return path;
}

async function database(path: string, name: string, lanes: number): Promise<string> {
  const target = join(path, '..', name);
  await analyze([path], { target, append: false, timeWait: undefined, lanes });
  return target;
}

describe.each([
  ['IPv4', false],
  ['IPv6', true],
])('%s', (_, ipv6) => {
  it.each([2, 4])('%d lanes give what one gives', async (lanes) => {
    const path = capture(temporaryFolder(), ipv6);
    const one = new Contents(await database(path, 'one.sqlite', 1));
    const several = new Contents(await database(path, `${lanes}.sqlite`, lanes));
    expect(one.names).toContain('close_segments');
    for (const name of one.names) expect(compareRelation(name, one, several), name).toBeUndefined();
  });

  it('however the threads take turns, the database is the same to the byte', async () => {
    const path = capture(temporaryFolder(), ipv6);
    const first = await database(path, 'first.sqlite', 2);
    const second = await database(path, 'second.sqlite', 2);
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
  });
});
