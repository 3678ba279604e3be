import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { firstTimeUs } from '../../../src/capture/files/first-time.ts';
import { readCapture } from '../../../src/capture/files/read.ts';
import { Blocks, missing, outcome, payload, pcap, temporary, written } from '../make.ts';

const MIB = 1024 * 1024;
const records = Array.from({ length: 200 }, (_, fraction) => ({ fraction, bytes: payload(50_000) }));
const large = pcap(records);

describe('between blocks', () => {
  it('tells how far it is', async () => {
    const path = written(large);
    const seen: [number, number | undefined][] = [];
    await readCapture(path, () => {}, { onProgress: (...progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.map(([read]) => read)).toEqual(seen.map(([read]) => read).sort((a, b) => a - b));
    expect(seen.every(([, total]) => total === large.length)).toBe(true);
    expect(seen.at(-1)).toEqual([large.length, large.length]);
  });

  it('reads no more of a file than it may, for a file that grows to be the same twice', async () => {
    const path = written(large);
    const limit = pcap(records.slice(0, 50)).length;
    fs.appendFileSync(path, large.subarray(24));
    let frames = 0;
    const summary = await readCapture(path, () => frames++, { limit });
    expect([frames, summary.damage]).toEqual([50, null]);
    expect((await readCapture(path, () => {}, { limit: limit + 7 })).damage?.offset).toBe(limit);
  });

  it('tells of a stream what was read, without a total', async () => {
    let last: unknown;
    const input = Readable.from([large.subarray(0, 30), large.subarray(30)]);
    await readCapture('-', () => {}, {
      input,
      onProgress: (...progress) => {
        last = progress;
      },
    });
    expect(last).toEqual([large.length, undefined]);
  });

  it.each(['file', 'stream'])('stops when the signal says so: %s', async (kind) => {
    const path = written(large);
    const stop = new AbortController();
    const options = kind === 'file' ? {} : { input: fs.createReadStream(path) };
    let frames = 0;
    const reading = readCapture(
      kind === 'file' ? path : '-',
      () => {
        if (++frames === 3) stop.abort(new Error('enough'));
      },
      { ...options, signal: stop.signal },
    );
    await expect(reading).rejects.toThrow('enough');
    expect(frames).toBeLessThan(50);
  });

  it('stops while it waits for a stream that says nothing', async () => {
    const stop = new AbortController();
    const input = new PassThrough();
    input.write(large.subarray(0, 100));
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(readCapture('-', () => {}, { input, signal: stop.signal })).rejects.toThrow('enough');
    expect(input.destroyed).toBe(true);
  });

  it('does not begin when the signal came before', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readCapture(temporary(), () => {}, { signal })).rejects.toThrow('enough');
  });

  it.each(['file', 'stream'])('waits while it is held: %s', async (kind) => {
    const path = written(large);
    const options = kind === 'file' ? {} : { input: fs.createReadStream(path) };
    let frames = 0;
    let held = 0;
    const onFrame = () => {
      frames++;
    };
    const hold = async () => {
      held++;
      const before = frames;
      await new Promise((resolve) => setImmediate(resolve));
      expect(frames).toBe(before);
    };
    await readCapture(kind === 'file' ? path : '-', onFrame, { ...options, hold });
    expect(held).toBeGreaterThan(10);
    expect(frames).toBe(200);
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    const turn = setInterval(() => turns++, 0);
    await readCapture(written(Buffer.concat([large, ...Array(20).fill(large.subarray(24))])), () => {});
    clearInterval(turn);
    expect(turns).toBeGreaterThan(5);
  });
});

describe('what the handler throws', () => {
  it.each(['file', 'stream'])('comes out unchanged: %s', async (kind) => {
    const failure = new Error('the handler failed');
    const input = Readable.from([large]);
    const reading = readCapture(
      kind === 'file' ? written(large) : '-',
      () => {
        throw failure;
      },
      { input },
    );
    await expect(reading).rejects.toBe(failure);
    expect(kind === 'file' || input.destroyed).toBe(true);
  });
});

describe('memory', () => {
  it.each([
    ['pcap', pcap([]), pcap(records.slice(0, 20)).subarray(24)],
    [
      'pcapng',
      Buffer.concat([new Blocks().section(), new Blocks().interface()]),
      new Blocks().enhanced(payload(50_000)),
    ],
  ])('a stream of %s is taken only as fast as its frames are handled', async (_, header, piece) => {
    let made = 0;
    let taken = 0;
    let ahead = 0;
    function* endless() {
      yield header;
      for (; made < 200 * MIB; made += piece.length) yield piece;
    }
    await readCapture(
      '-',
      (frame) => {
        taken += frame.end - frame.start;
        ahead = Math.max(ahead, made - taken);
      },
      { input: Readable.from(endless(), { highWaterMark: 1 }) },
    );
    expect(taken).toBeGreaterThan(190 * MIB);
    expect(ahead).toBeLessThan(taken * 0.002 + 4 * MIB);
  });

  it.each([
    ['a record that claims too much', pcap([{ bytes: payload(4), captured: 262_145 }])],
    [
      'a block that claims too much',
      Buffer.concat([new Blocks().section(), new Blocks().block(6, payload(4), 0x7fff_fffc)]),
    ],
  ])('%s is not waited for', async (_, beginning) => {
    let pieces = 0;
    function* endless() {
      yield beginning;
      for (;;) {
        pieces++;
        yield Buffer.alloc(65_536);
      }
    }
    const { damage } = await outcome('-', { input: Readable.from(endless(), { highWaterMark: 1 }) });
    expect(damage).toBeDefined();
    expect(pieces).toBeLessThan(5);
  });
});

describe.skipIf(missing('mkfifo'))('a named pipe', () => {
  const pipe = () => {
    const path = temporary('pipe');
    execFileSync('mkfifo', [path]);
    return path;
  };

  it('is read as a stream', async () => {
    const path = pipe();
    const [{ frames, damage }] = await Promise.all([outcome(path), fs.promises.writeFile(path, large)]);
    expect(frames.length).toBe(200);
    expect(damage).toBeUndefined();
  });

  it('can be left while it says nothing', async () => {
    const path = pipe();
    const stop = new AbortController();
    const reading = readCapture(path, () => {}, { signal: stop.signal });
    const writer = await fs.promises.open(path, 'w');
    await writer.write(large.subarray(0, 24));
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(reading).rejects.toThrow('enough');
    await writer.close();
  });

  it('is not looked into for its first time, which would take bytes away', async () => {
    expect(await firstTimeUs(pipe())).toBeNaN();
  });
});

describe('the first time', () => {
  it.each([
    [
      'pcap',
      pcap([
        { seconds: 30, fraction: 5, bytes: payload(4) },
        { seconds: 10, bytes: payload(4) },
      ]),
      30_000_005,
    ],
    [
      'pcapng',
      Buffer.concat([
        new Blocks().section(),
        new Blocks().interface(),
        new Blocks().enhanced(payload(4), 77n),
      ]),
      77,
    ],
    ['a file of many blocks', large, 1_700_000_000e6],
    ['a file without frames', pcap([]), Number.NaN],
  ])('of %s', async (_, bytes, expected) => {
    expect(await firstTimeUs(written(bytes))).toBe(expected);
  });

  it('of standard input is not known', async () => {
    expect(await firstTimeUs('-')).toBeNaN();
  });

  it('of what is no capture is an error', async () => {
    await expect(firstTimeUs(written('hello'))).rejects.toThrow('is text');
    await expect(firstTimeUs(temporary())).rejects.toThrow('no such file');
  });
});
