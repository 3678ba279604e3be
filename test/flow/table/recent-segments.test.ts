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
