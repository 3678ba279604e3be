import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import { ethernet, frameOf, hex, ipv4, tcp } from './build.ts';

/** The option kinds as `optionLayout` folds them. */
const layout = (...kinds: number[]) => kinds.reduce((folded, kind) => folded * 32 + kind, 0);

const NONE = {
  mss: 0,
  windowScale: -1,
  sackPermitted: false,
  sackBlocks: 0,
  sackRightEdge: 0,
  hasTimestamps: false,
  tsVal: 0,
  tsEcr: 0,
  optionLayout: 0,
};

function decodedOptions(options: Uint8Array, captured = options.length, ack = 0): Segment {
  const bytes = ethernet(0x0800, ipv4({}, tcp({ options, ack })));
  const segment = newSegment();
  const cut = bytes.subarray(0, bytes.length - options.length + captured);
  expect(decodeFrame(frameOf(cut, { wireLength: bytes.length, around: 60, filler: 1 }), segment)).toBe(0);
  return segment;
}

function optionsOf(options: Uint8Array, captured?: number): Partial<Segment> {
  const segment = decodedOptions(options, captured);
  return Object.fromEntries(Object.keys(NONE).map((key) => [key, segment[key as keyof Segment]]));
}

describe('TCP options', () => {
  it.each<[string, string, Partial<Segment>]>([
    ['none', '', {}],
    [
      'Linux SYN',
      '02 04 05b4 04 02 08 0a 01020304 00000000 01 03 03 07',
      {
        mss: 1460,
        sackPermitted: true,
        hasTimestamps: true,
        tsVal: 0x01020304,
        windowScale: 7,
        optionLayout: layout(2, 4, 8, 1, 3),
      },
    ],
    [
      'Windows SYN',
      '02 04 05b4 01 03 03 08 01 01 04 02',
      { mss: 1460, windowScale: 8, sackPermitted: true, optionLayout: layout(2, 1, 3, 1, 1, 4) },
    ],
    [
      'macOS SYN: the order keeps its first six',
      '02 04 05b4 01 03 03 06 01 01 08 0a 00000009 00000000 04 02 00 00',
      {
        mss: 1460,
        windowScale: 6,
        sackPermitted: true,
        hasTimestamps: true,
        tsVal: 9,
        optionLayout: layout(2, 1, 3, 1, 1, 8),
      },
    ],
    [
      'timestamps as usual',
      '01 01 08 0a ffffffff 80000000',
      { hasTimestamps: true, tsVal: 0xffffffff, tsEcr: 0x80000000, optionLayout: layout(1, 1, 8) },
    ],
    [
      'timestamps, padded behind',
      '08 0a 00000001 00000002 00 00',
      { hasTimestamps: true, tsVal: 1, tsEcr: 2, optionLayout: layout(8) },
    ],
    [
      'timestamps as usual, then SACK',
      '01 01 08 0a 00000001 00000002 01 01 05 0a 00000010 00000020',
      {
        hasTimestamps: true,
        tsVal: 1,
        tsEcr: 2,
        sackBlocks: 1,
        sackRightEdge: 0x20,
        optionLayout: layout(1, 1, 8, 1, 1, 5),
      },
    ],
    [
      'SACK: the highest right edge, not the first',
      '01 01 05 12 00000010 00000020 00000030 00000040',
      { sackBlocks: 2, sackRightEdge: 0x40, optionLayout: layout(1, 1, 5) },
    ],
    [
      'SACK across the wrap',
      '01 01 05 12 00000000 00000020 fffffff0 fffffffc',
      { sackBlocks: 2, sackRightEdge: 0x20, optionLayout: layout(1, 1, 5) },
    ],
    [
      'SACK with a zero edge first',
      '01 01 05 12 fffffff0 00000000 ffffff00 ffffff80',
      { sackBlocks: 2, sackRightEdge: 0, optionLayout: layout(1, 1, 5) },
    ],
    [
      'SACK with half a block too many',
      '05 0e 00000010 00000020 00000030 01 01',
      { sackBlocks: 1, sackRightEdge: 0x20, optionLayout: layout(5, 1, 1) },
    ],
    ['a kind beyond 31 folds to 31', '22 02 fe 04 f989 00 00', { optionLayout: layout(31, 31) }],
    ['nothing counts after the end of options', '00 04 02 00', {}],
    ['a shift beyond 14 counts as 14', '03 03 ff 01', { windowScale: 14, optionLayout: layout(3, 1) }],
    ['length 0 ends the list', '02 00 05b4 04 02 01 01', { optionLayout: layout(2) }],
    ['length 1 ends the list', '02 01 05b4 04 02 01 01', { optionLayout: layout(2) }],
    [
      'a length beyond the header ends the list',
      '04 02 02 09',
      { sackPermitted: true, optionLayout: layout(4, 2) },
    ],
    ['no room for a length', '01 01 01 02', { optionLayout: layout(1, 1, 1, 2) }],
    [
      'an MSS of the wrong length is none, the next option counts',
      '02 03 05 03 03 05 01 01',
      { windowScale: 5, optionLayout: layout(2, 3, 1, 1) },
    ],
    [
      'window scale, SACK-permitted and timestamps of the wrong length',
      '03 04 07 00 04 03 00 08 06 00000001 01 01 01',
      { optionLayout: layout(3, 4, 8, 1, 1, 1) },
    ],
  ])('%s', (_, bytes, expected) => {
    expect(optionsOf(hex(bytes))).toEqual({ ...NONE, ...expected });
  });

  it.each([
    ['another left edge', '05 0a 00000018 00000020 01 01'],
    ['another right edge', '05 0a 00000010 00000028 01 01'],
    ['another block', '05 12 00000010 00000020 00000030 00000040 01 01'],
  ])('the digest of SACK blocks tells %s', (_, bytes) => {
    const digest = (options: string) => decodedOptions(hex(options)).sackDigest;
    expect(digest('05 0a 00000010 00000020 01 01')).toBe(digest('01 01 05 0a 00000010 00000020'));
    expect(digest(bytes)).not.toBe(digest('05 0a 00000010 00000020 01 01'));
    expect(digest('')).toBe(0);
  });

  it.each<[string, number, string, readonly [left: number, right: number] | null]>([
    ['below the ACK', 0x100, '05 0a 00000010 00000020 01 01', [0x10, 0x20]],
    ['up to the ACK', 0x20, '05 0a 00000010 00000020 01 01', [0x10, 0x20]],
    ['below the ACK, across the wrap', 5, '05 0a fffffff0 00000003 01 01', [0xfffffff0, 3]],
    [
      'below the ACK, with a hole behind it',
      0x20,
      '05 12 00000010 00000020 00000030 00000040 01 01',
      [0x10, 0x20],
    ],
    ['within the second block', 0x10, '05 12 00000030 00000040 00000020 00000050 01 01', [0x30, 0x40]],
    ['the second block once more', 0x10, '05 12 00000020 00000050 00000020 00000050 01 01', [0x20, 0x50]],
    ['a hole alone: none', 0x10, '05 0a 00000020 00000030 01 01', null],
    ['across the ACK: none', 0x18, '05 0a 00000010 00000020 01 01', null],
    ['larger than the second block: none', 0x10, '05 12 00000020 00000050 00000030 00000040 01 01', null],
    ['beside the second block: none', 0x10, '05 12 00000060 00000070 00000030 00000040 01 01', null],
    [
      'within the third block: none',
      0x10,
      '05 1a 00000060 00000070 00000030 00000040 00000050 00000080 01 01',
      null,
    ],
  ])('D-SACK %s', (_, ack, bytes, edges) => {
    const { isDsack, dsackLeft, dsackRight } = decodedOptions(hex(bytes), undefined, ack);
    expect(isDsack ? [dsackLeft, dsackRight] : null).toEqual(edges);
  });

  it('are read as far as they were captured', () => {
    const syn = hex('02 04 05b4 04 02 08 0a 01020304 00000000 01 03 03 07');
    expect(optionsOf(syn, 0)).toEqual(NONE);
    expect(optionsOf(syn, 3)).toEqual({ ...NONE, optionLayout: layout(2) });
    expect(optionsOf(syn, 15)).toEqual({
      ...NONE,
      mss: 1460,
      sackPermitted: true,
      optionLayout: layout(2, 4, 8),
    });
  });

  it('cut in the usual timestamps', () => {
    expect(optionsOf(hex('01 01 08 0a 00000001 00000002'), 11)).toEqual({
      ...NONE,
      optionLayout: layout(1, 1, 8),
    });
  });
});
