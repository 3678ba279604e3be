import { describe, expect, it } from 'vitest';
import { ACK, type Segment, SYN } from '../../../src/decode/segment.ts';
import { digestOf, RecentSegments } from '../../../src/flow/table/recent-segments.ts';
import { addressed, ENDS, START_US } from '../script.ts';

// What is remembered of a capture's segments, to know copies of them.

/** The segment of a frame; each has a number and an IP identification of its own. */
function segment(frame: number, fields: Partial<Segment> = {}): Segment {
  const s = addressed(ENDS.client, ENDS.server);
  return Object.assign(
    s,
    { frame, flags: ACK, seq: frame * 7, ipId: frame & 0xffff, ttl: 64, timeUs: START_US + frame },
    fields,
  );
}

/** A capture of that many frames that are all different. */
function captured(frames: number): RecentSegments {
  const recent = new RecentSegments();
  for (let frame = 1; frame <= frames; frame++) recent.see(segment(frame), false);
  return recent;
}

describe('all segments are remembered', () => {
  it('at the beginning of a run', () => {
    expect(captured(8191).isUsed).toBe(true);
  });

  it('no longer where none came twice', () => {
    const recent = captured(8191);
    recent.see(segment(8192, { flags: SYN, seq: 16 }), false);
    expect(recent.isUsed).toBe(false);
  });

  it('on where one did', () => {
    const recent = captured(8190);
    recent.see(segment(8191, { seq: 7, ipId: 1, timeUs: START_US + 8191, ttl: 63 }), false);
    recent.see(segment(8192, { flags: SYN, seq: 16 }), false);
    expect(recent.isUsed).toBe(true);
  });
});

it('a copy is known after a thousand other segments', () => {
  const recent = captured(1001);
  const copy = segment(1, { timeUs: START_US + 2000, ttl: 63 });
  expect(recent.isCopy(copy, digestOf(copy))).toBe(true);
});

it('another segment is none', () => {
  const recent = captured(1001);
  const other = segment(1, { seq: 8, timeUs: START_US + 2000 });
  expect(recent.isCopy(other, digestOf(other))).toBe(false);
});

describe('without IP identification and timestamps', () => {
  const BARE = { ipId: 0, hasTimestamps: false };

  /** So many segments, of which the first `copied` come again 2 ms later. */
  function withCopies(segments: number, copied: number, fields: Partial<Segment>): RecentSegments {
    const recent = new RecentSegments();
    for (let frame = 1; frame <= segments; frame++) {
      recent.see(segment(frame, BARE), false);
      const again = segment(frame, { ...BARE, timeUs: START_US + frame + 2000, ...fields });
      if (frame <= copied) recent.see(again, false);
    }
    return recent;
  }

  it.each([
    ['a segment that comes again is a copy where many do', 100, 100, {}, true],
    ['also with another TTL', 100, 100, { ttl: 63 }, true],
    ['but not where few do', 100, 10, {}, false],
    ['nor where those that do have another TTL', 100, 100, { ttl: 63, hasOther: true }, false],
    ['nor where there are three only', 3, 3, {}, false],
  ])('%s', (_, segments, copied, fields, isCopy) => {
    const { hasOther = false, ...rest } = fields as Partial<Segment> & { hasOther?: boolean };
    const recent = withCopies(segments, copied, rest);
    const again = segment(2, { ...BARE, timeUs: START_US + 9000, ...(hasOther ? {} : rest) });
    expect(recent.isCopy(again, digestOf(again))).toBe(isCopy);
  });
});

it.each([
  ['an IPv4 scan', { ipVersion: 4 }],
  ['an IPv6 scan', { ipVersion: 6 }],
])('%s with one ISN has no copies', (_, fields) => {
  const recent = new RecentSegments();
  let copies = 0;
  for (let frame = 1; frame <= 4096; frame++) {
    const syn = segment(frame, { flags: SYN, seq: 9, ipId: 0, ...fields });
    syn.dst3 = 0x0a010000 + (frame >> 4);
    syn.dstPort = 20 + (frame & 15);
    if (recent.isCopy(syn, digestOf(syn))) copies++;
    recent.see(syn, false);
  }
  expect(copies).toBe(0);
});
