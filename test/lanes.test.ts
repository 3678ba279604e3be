import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareRelation } from '../scripts/bench/same/compare.ts';
import { Contents } from '../scripts/bench/same/contents.ts';
import { generate, SHAPES } from '../scripts/generate/generate.ts';
import { analyze } from '../src/pipeline.ts';
import { temporaryFolder } from './record/database.ts';
import { canMount } from './record/program.ts';

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

describe('two lanes', () => {
  it('say of a damaged file what one says', async () => {
    const path = capture(temporaryFolder(), false);
    truncateSync(path, 1_000_001);
    const run = (lanes: number) =>
      analyze([path], { target: undefined, append: false, timeWait: undefined, lanes });
    const [one, two] = [await run(1), await run(2)];
    expect(two).toEqual(one);
    expect(one.captures[0]?.damage?.reason).toMatch(/^ends inside a record/);
  });

  it('count what they pass over once', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'noise.pcap');
    // Every hundredth frame: one that is no TCP.
    const bytes = readFileSync(capture(folder, false));
    for (let at = 24, n = 0; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8), n++) {
      if (n % 100 === 0) bytes[at + 16 + 14 + 9] = 1;
    }
    writeFileSync(path, bytes);
    const run = (lanes: number) =>
      analyze([path], { target: undefined, append: false, timeWait: undefined, lanes });
    const [one, two] = [await run(1), await run(2)];
    expect(two).toEqual(one);
    expect(one.captures[0]?.skipped['not-tcp']).toBeGreaterThan(600);
  });

  it('end together when they are stopped, and leave nothing', async () => {
    const folder = temporaryFolder();
    const path = capture(folder, false);
    const controller = new AbortController();
    const running = analyze([path], {
      target: join(folder, 'stopped.sqlite'),
      append: false,
      timeWait: undefined,
      lanes: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(running).rejects.toThrow('aborted');
    expect(readdirSync(folder)).toEqual(['many.pcap']);
  });

  it('end when one of the files is none', async () => {
    const folder = temporaryFolder();
    const path = capture(folder, false);
    writeFileSync(join(folder, 'text'), 'no capture');
    const target = join(folder, 'none.sqlite');
    const running = analyze([path, join(folder, 'text')], {
      target,
      append: false,
      timeWait: undefined,
      lanes: 2,
    });
    await expect(running).rejects.toThrow(/text: is text/);
    expect(readdirSync(folder).sort()).toEqual(['many.pcap', 'text']);
  });

  it.skipIf(!canMount())('end when the disk is full (needs root, to mount a small tmpfs)', async () => {
    const folder = temporaryFolder();
    const path = capture(folder, false);
    const small = join(folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      const running = analyze([path], {
        target: join(small, 'full.sqlite'),
        append: false,
        timeWait: undefined,
        lanes: 2,
      });
      await expect(running).rejects.toThrow('the disk is full');
      expect(readdirSync(small)).toEqual([]);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
