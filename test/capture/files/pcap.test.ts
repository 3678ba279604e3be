import { describe, expect, it } from 'vitest';
import { outcome, payload, pcap, streamed, written } from '../make.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;

describe('classic pcap, from a file and from a stream', () => {
  const variants = [
    { format: 'pcap', magic: MICROSECONDS, fraction: 999_999, us: 999_999 },
    { format: 'pcap-ns', magic: NANOSECONDS, fraction: 999_999_999, us: 999_999 },
    { format: 'pcap-ns', magic: NANOSECONDS, fraction: 999, us: 0 },
    { format: 'pcap-modified', magic: MODIFIED, fraction: 7, us: 7 },
  ].flatMap((variant) => [
    { ...variant, littleEndian: true },
    { ...variant, littleEndian: false },
  ]);

  it.each(variants)('$format, little-endian $littleEndian, fraction $fraction', async (variant) => {
    const { format, us, fraction, ...options } = variant;
    const records = [
      { seconds: 0xffff_ffff, fraction, bytes: payload(60, 1), wireLength: 1514 },
      { seconds: 1_700_000_000, fraction, bytes: payload(0) },
      { seconds: 1_700_000_000, fraction, bytes: payload(1, 2) },
    ];
    const expected = {
      frames: [
        { number: 1, timeUs: 0xffff_ffff * 1e6 + us, wireLength: 1514, hex: payload(60, 1).toString('hex') },
        { number: 2, timeUs: 1_700_000_000e6 + us, wireLength: 0, hex: '' },
        { number: 3, timeUs: 1_700_000_000e6 + us, wireLength: 1, hex: payload(1, 2).toString('hex') },
      ].map((frame) => ({ ...frame, linkType: 113 })),
      summary: {
        format,
        linkTypes: [113],
        frames: 3,
        lastFrame: 3,
        firstUs: 1_700_000_000e6 + us,
        lastUs: 0xffff_ffff * 1e6 + us,
      },
    };
    const bytes = pcap(records, { ...options, network: 113 });
    expect(await outcome(written(bytes))).toEqual(expected);
    expect(await streamed(bytes)).toEqual(expected);
  });

  it.each([
    ['no records at all', pcap([]), 0],
    ['a snap length of 0', pcap([{ bytes: payload(60) }], { snapLength: 0 }), 1],
    ['a record longer than the snap length', pcap([{ bytes: payload(60) }], { snapLength: 20 }), 1],
    ['more captured than there was on the wire', pcap([{ bytes: payload(60), wireLength: 40 }]), 1],
    ['the longest frame allowed', pcap([{ bytes: payload(262_144) }, { bytes: payload(9) }]), 2],
    ['a fraction beyond the second', pcap([{ bytes: payload(9), fraction: 5_000_000 }]), 1],
  ])('takes %s', async (_, bytes, frames) => {
    const fromFile = await outcome(written(bytes));
    expect(fromFile.damage ?? fromFile.rejected).toBeUndefined();
    expect(fromFile.frames.length).toBe(frames);
    expect(await streamed(bytes)).toEqual(fromFile);
  });

  it('has no first and last time without frames', async () => {
    const { summary } = await outcome(written(pcap([])));
    expect(summary).toEqual({
      format: 'pcap',
      linkTypes: [1],
      frames: 0,
      lastFrame: 0,
      firstUs: Number.NaN,
      lastUs: Number.NaN,
    });
  });

  it('takes the link type from the lower 16 bits: the upper ones hold the FCS length', async () => {
    const bytes = pcap([{ bytes: payload(60) }], { network: 0x2400_0093 });
    expect((await outcome(written(bytes))).frames[0]?.linkType).toBe(0x93);
    expect((await streamed(bytes)).frames[0]?.linkType).toBe(0x93);
  });

  it('takes times that jump back, and finds the earliest', async () => {
    const bytes = pcap([30, 10, 20].map((seconds) => ({ seconds, bytes: payload(4) })));
    const { summary, frames } = await outcome(written(bytes));
    expect(frames.map((f) => f.timeUs)).toEqual([30e6, 10e6, 20e6]);
    expect(summary).toMatchObject({ firstUs: 10e6, lastUs: 30e6 });
  });
});
