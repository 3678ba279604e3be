import { describe, expect, it } from 'vitest';
import { newSegment } from '../../../src/decode/segment.ts';
import { Repeats } from '../../../src/flow/table/repeats.ts';
import { START_US } from '../script.ts';

/** Segments at these seconds, with these numbers; which of them were captured before, and how often the clock jumped. */
function seen(segments: readonly (readonly [at: number, seq: number])[]) {
  const repeats = new Repeats();
  const again = segments.map(([at, seq], i) => {
    return repeats.sees({ ...newSegment(), timeUs: START_US + Math.round(at * 1e6), seq, frame: i + 1 });
  });
  return { again: again.flatMap((is, i) => (is ? [i] : [])), jumps: repeats.jumps };
}

/** So many segments, a millisecond apart. */
const stretch = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [from + i / 1000, 1000 * from + i] as const);

describe('the clock jumps', () => {
  it.each([
    ['not in order', [0, 1, 2, 3], 0],
    ['not by disorder', [0, 1, 0.2, 1.1, 0.3, 2], 0],
    ['by more than a second back', [0, 10, 8.9, 9, 12], 1],
    ['not by a second', [0, 10, 9, 10], 0],
    ['by more than a day ahead', [0, 86_401, 86_402], 1],
    ['not over a night without segments', [0, 86_400], 0],
    ['once where a single time is damaged', [0, 1e9, 1, 2, 3], 1],
    ['twice where it goes on there for a while', [0, 1e9, 1e9 + 1, 2, 3], 2],
  ])('%s', (_, times, jumps) => {
    expect(seen(times.map((at, i) => [at, i])).jumps).toBe(jumps);
  });
});

describe('what was captured before', () => {
  const first = stretch(0, 3000);

  it('is the whole capture, appended to itself twice', () => {
    const { again, jumps } = seen([...first, ...first, ...first]);
    expect(again).toEqual(Array.from({ length: 6000 }, (_, i) => 3000 + i));
    expect(jumps).toBe(2);
  });

  it('is what two files of a ring share', () => {
    const { again, jumps } = seen([...first, ...first.slice(1000), ...stretch(3, 100)]);
    expect(again).toEqual(Array.from({ length: 2000 }, (_, i) => 3000 + i));
    expect(jumps).toBe(1);
  });

  it('is all of a capture with more segments than are remembered', () => {
    const many = stretch(0, 100_000);
    expect(seen([...many, ...many]).again).toHaveLength(100_000);
  });

  it('is nothing of another capture of the same time', () => {
    expect(seen([...first, ...first.map(([at, seq]) => [at, seq + 1e6] as const)]).again).toEqual([]);
  });

  it('is nothing after a clock was set back, but for what was under way', () => {
    expect(seen([...first, ...stretch(1.0005, 3000)]).again).toEqual([]);
  });

  it('ends where other segments follow', () => {
    const { again } = seen([...first, ...first.slice(0, 1000), ...stretch(1.0005, 500)]);
    expect(again.at(0)).toBe(3000);
    expect(again.at(-1)).toBeLessThan(4000 + 20);
  });
});
