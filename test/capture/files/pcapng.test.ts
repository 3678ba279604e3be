import { describe, expect, it } from 'vitest';
import { Blocks, outcome, payload, streamed, written } from '../make.ts';

const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

describe.each([true, false])('pcapng, little-endian %s', (littleEndian) => {
  const b = new Blocks(littleEndian);
  const T = 1_700_000_000_000_000;

  /** What both readers say, once they are known to say the same. */
  async function read(...blocks: Buffer[]) {
    const bytes = Buffer.concat(blocks);
    const fromFile = await outcome(written(bytes));
    expect(await streamed(bytes, 5)).toEqual(fromFile);
    return fromFile;
  }

  const hex = (length: number) => payload(length).toString('hex');
  const long = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    if (littleEndian) bytes.writeBigInt64LE(value);
    else bytes.writeBigInt64BE(value);
    return bytes;
  };

  it('hands on the packets of all three kinds of block', async () => {
    const { frames, summary, damage } = await read(
      b.section(),
      b.interface(),
      b.enhanced(payload(61), BigInt(T), {
        wireLength: 1514,
        options: b.option(1, Buffer.from('a comment')),
      }),
      b.obsolete(payload(40), BigInt(T + 1)),
      b.simple(payload(3)),
    );
    expect(frames).toEqual([
      { number: 1, timeUs: T, linkType: 1, wireLength: 1514, hex: hex(61) },
      { number: 2, timeUs: T + 1, linkType: 1, wireLength: 40, hex: hex(40) },
      { number: 3, timeUs: T + 1, linkType: 1, wireLength: 3, hex: hex(3) },
    ]);
    expect(summary).toEqual({
      format: 'pcapng',
      linkTypes: [1],
      frames: 3,
      lastFrame: 3,
      firstUs: T,
      lastUs: T + 1,
    });
    expect(damage).toBeUndefined();
  });

  it('gives each packet the link type, time unit and offset of its interface', async () => {
    const nanoseconds = b.option(IF_TSRESOL, Buffer.from([9]));
    const binary = b.option(IF_TSRESOL, Buffer.from([0x80 | 20]));
    const offset = b.option(IF_TSOFFSET, long(-3600n));
    const { frames, summary } = await read(
      b.section(),
      b.interface(nanoseconds, 1),
      b.interface(Buffer.concat([binary, offset]), 101),
      b.enhanced(payload(4), 1_700_000_000_123_456_999n, { id: 0 }),
      b.enhanced(payload(4), (1_700_000_000n << 20n) + 524_288n, { id: 1 }),
      b.obsolete(payload(4), 1_700_000_000_000_001_000n, 0),
    );
    expect(frames.map((f) => [f.linkType, f.timeUs])).toEqual([
      [1, 1_700_000_000_123_456],
      [101, 1_699_996_400_500_000],
      [1, 1_700_000_000_000_001],
    ]);
    expect(summary?.linkTypes).toEqual([1, 101]);
  });

  it('numbers interfaces from 0 in each section, whose byte order may change', async () => {
    const other = new Blocks(!littleEndian);
    const { frames, summary } = await read(
      b.section(),
      b.interface(undefined, 1),
      b.enhanced(payload(4)),
      other.section(),
      other.interface(undefined, 113),
      other.enhanced(payload(8)),
      other.interface(undefined, 1),
      other.enhanced(payload(12), 5n, { id: 1 }),
    );
    expect(frames.map((f) => [f.number, f.linkType, f.hex])).toEqual([
      [1, 1, hex(4)],
      [2, 113, hex(8)],
      [3, 1, hex(12)],
    ]);
    expect(summary?.linkTypes).toEqual([1, 113]);
  });

  it('cuts a Simple Packet Block by the snap length', async () => {
    const { frames } = await read(b.section(), b.interface(undefined, 1, 6), b.simple(payload(6), 100));
    expect(frames).toMatchObject([{ wireLength: 100, hex: hex(6) }]);
  });

  it('has no time for packets that come without one', async () => {
    const { frames, summary } = await read(b.section(), b.interface(), b.simple(payload(6)));
    expect(frames).toMatchObject([{ timeUs: 0 }]);
    expect(summary).toMatchObject({ frames: 1, firstUs: Number.NaN, lastUs: Number.NaN });
  });

  it.each([
    ['an unknown type', 0x7777, 0],
    ['an unknown type with the highest bit set', 0x8000_0001, 0],
    ['name resolution', 4, 0],
    ['interface statistics', 5, 0],
    ['decryption secrets', 10, 0],
    ['a journal entry, which Wireshark numbers', 9, 1],
    ['a custom block, which Wireshark numbers', 0xbad, 1],
    ['a custom block not to be copied, which Wireshark numbers', 0x4000_0bad, 1],
  ])('passes over %s', async (_, type, numbered) => {
    const { frames, summary, damage } = await read(
      b.section(),
      b.interface(),
      b.enhanced(payload(4)),
      b.block(type, payload(100_000)),
      b.enhanced(payload(4)),
    );
    expect(frames.map((f) => f.number)).toEqual([1, 2 + numbered]);
    expect(summary).toMatchObject({ frames: 2, lastFrame: 2 + numbered });
    expect(damage).toBeUndefined();
  });

  it.each([
    ['an option longer than its block', Buffer.concat([b.option(2, payload(4)).subarray(0, 2), payload(6)])],
    ['a resolution of the wrong length', b.option(IF_TSRESOL, Buffer.from([9, 9]))],
    ['an offset of the wrong length', b.option(IF_TSOFFSET, Buffer.from([9]))],
    [
      'an option after the end of options',
      Buffer.concat([b.option(0, payload(0)), b.option(IF_TSRESOL, Buffer.from([9]))]),
    ],
    ['three bytes where an option should be', payload(3)],
  ])('keeps to microseconds with %s', async (_, options) => {
    const { frames } = await read(b.section(), b.interface(options), b.enhanced(payload(4), BigInt(T)));
    expect(frames).toMatchObject([{ timeUs: T }]);
  });

  it('reads a block of 16 MiB, the largest there may be', async () => {
    const bytes = Buffer.concat([
      b.section(),
      b.interface(),
      b.block(0x7777, Buffer.alloc(16 * 1024 * 1024 - 12)),
      b.enhanced(payload(4)),
    ]);
    expect(await outcome(written(bytes))).toMatchObject({ frames: [{ number: 1 }] });
    expect(await streamed(bytes)).toMatchObject({ frames: [{ number: 1 }] });
  });
});
