import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareRelation } from '../../scripts/bench/same/compare.ts';
import { Contents } from '../../scripts/bench/same/contents.ts';
import { generate, SHAPES } from '../../scripts/generate/generate.ts';
import { CaptureError } from '../../src/capture/base/error.ts';
import { startThread } from '../../src/capture/base/thread.ts';
import { newSegment, SYN } from '../../src/decode/segment.ts';
import { laneOf } from '../../src/flow/table/lane-of.ts';
import { captureRows } from '../../src/run/capture-rows.ts';
import type { LaneTask } from '../../src/run/lane.ts';
import type { LaneData } from '../../src/run/lane-thread.ts';
import { analyze } from '../../src/run/pipeline.ts';
import { ethernet, ipv4, tcp } from '../decode/build.ts';
import { temporaryFolder } from '../record/database.ts';
import { canMount } from '../record/program.ts';

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

/** SYNs of `flows` flows, all of which fall to one of two lanes and are open at the end. */
function ofOneLane(folder: string, lane: number, flows: number): string {
  const records: Buffer[] = [];
  const segment = newSegment();
  for (let n = 0; records.length < flows; n++) {
    [segment.src3, segment.srcPort] = [0x0a000001 + (n >>> 14), 1024 + (n & 0x3fff)];
    if (laneOf(segment, 2) !== lane) continue;
    const frame = ethernet(
      0x0800,
      ipv4(
        { src: `10.0.0.${1 + (n >>> 14)}`, dst: '0.0.0.0' },
        tcp({ srcPort: segment.srcPort, dstPort: 0, flags: SYN }),
      ),
    );
    const header = Buffer.alloc(16);
    header.writeUInt32LE(1_700_000_000, 0);
    header.writeUInt32LE(records.length, 4);
    header.writeUInt32LE(frame.length, 8);
    header.writeUInt32LE(frame.length, 12);
    records.push(Buffer.concat([header, frame]));
  }
  const path = join(folder, 'one-lane.pcap');
  const fileHeader = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  writeFileSync(path, Buffer.concat([fileHeader, ...records]));
  return path;
}

describe('two lanes', () => {
  it.each([0, 1])('end where all flows are those of lane %d', async (lane) => {
    const folder = temporaryFolder();
    const { flows } = await analyze([ofOneLane(folder, lane, 4000)], {
      target: join(folder, 'one-lane.sqlite'),
      append: false,
      timeWait: undefined,
      lanes: 2,
    });
    expect(flows).toBe(4000);
  });

  it('say so where they have not read the same', () => {
    const path = 'rotated.pcap';
    const summary = {
      path,
      format: 'pcap',
      linkTypes: [1],
      frames: 10,
      lastFrame: 10,
      firstUs: 0,
      lastUs: 1,
    };
    const read = {
      captures: [{ summary: { ...summary, damage: null }, verdicts: [4, 1] }],
      flows: 1,
      missed: [2],
      signs: [{ oneWay: 6, twoWay: 0, copies: 0, clockJumps: 1 }],
      filter: 0,
    };
    const [row] = captureRows(read, [
      {
        verdicts: [[5, 0]],
        flows: 1,
        missed: [3],
        signs: [{ oneWay: 2, twoWay: 1, copies: 1, clockJumps: 1 }],
      },
    ]);
    expect(row).toMatchObject({
      path,
      frames: 10,
      tcpSegments: 9,
      quality: { missed: 5, filtered: 0, directions: 2, places: 1, clockJumps: 1 },
    });
    const other = () => captureRows(read, [{ verdicts: [[3, 0]], flows: 1, missed: [], signs: [] }]);
    expect(other).toThrow(new CaptureError(path, 0, 'was changed while it was read'));
  });

  it('say of a file that is gone what one says', async () => {
    const path = join(temporaryFolder(), 'gone.pcap');
    const task: LaneTask = { paths: [path], timeWait: undefined, lane: 1, lanes: 2, limits: undefined };
    const workerData: LaneData = { task, writer: undefined };
    const thread = startThread('lane-thread', { workerData });
    expect(await once(thread, 'message')).toEqual([
      { unreadable: { path, offset: 0, reason: 'no such file', code: 'ENOENT' } },
    ]);
    await thread.terminate();
  });

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

  it('end together when one of them fails midway, and leave nothing', async () => {
    const folder = temporaryFolder();
    const path = capture(folder, false);
    const running = analyze([path], {
      target: join(folder, 'stopped.sqlite'),
      append: false,
      timeWait: undefined,
      lanes: 2,
      onProgress: () => {
        throw new Error('enough');
      },
    });
    await expect(running).rejects.toThrow('enough');
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
