import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATES } from '../../../src/flow/format/words.ts';
import { COUNTS_LENGTH, STATE_COUNT } from '../../../src/record/timeline/timeline.ts';
import { TimelineBuilder } from '../../../src/record/timeline/timeline-builder.ts';
import { type Run, type RunPiece, StateCounter } from '../../../src/report/states/state-counter.ts';

/** The life of one end: which end, and when it entered which state (after `first`). */
interface Life {
  end: number;
  first: number;
  observed: number;
  entered: (number | undefined)[];
}

const NOON = 1_714_564_800_000_000;

/** Lives whose states follow each other in time, within `range` microseconds. */
const livesWithin = (range: number) =>
  fc.array(
    fc
      .record({
        end: fc.nat(1),
        first: fc.nat(range),
        steps: fc.array(fc.nat(range), { minLength: STATES.length, maxLength: STATES.length }),
        visited: fc.array(fc.boolean(), { minLength: STATES.length, maxLength: STATES.length }),
        watched: fc.nat(range),
      })
      .map(({ end, first, steps, visited, watched }): Life => {
        const times = steps.toSorted((a, b) => a - b);
        const entered = visited.map((was, state) => (was ? times[state] : undefined));
        return { end, first: NOON + first, observed: times.at(-1)! + watched, entered };
      }),
    { maxLength: 60 },
  );

function runsOf(lives: readonly Life[], runLength: number): Run[] {
  const runs: RunPiece[][] = [];
  const builder = new TimelineBuilder(
    ({ run, ...piece }) => {
      runs[run] ??= [];
      runs[run].push({ ...piece, id: runs[run].length });
    },
    { runLength },
  );
  for (const { end, first, observed, entered } of lives) {
    builder.add(
      end,
      first,
      observed,
      Float64Array.from(entered, (time) => time ?? Number.NaN),
      0,
    );
  }
  builder.finish();
  return runs.map((pieces) => ({
    pieceAt: (us) => pieces.findLast(({ fromUs }) => fromUs <= us),
    pieceAfter: (piece) => pieces[piece === undefined ? 0 : piece.id + 1],
  }));
}

/** The same by looking at every life: the last state entered, until it was no longer watched. */
function naiveCounts(lives: readonly Life[], us: number): number[] {
  const counts = new Array<number>(COUNTS_LENGTH).fill(0);
  for (const { end, first, observed, entered } of lives) {
    const state = entered.findLastIndex((time) => time !== undefined && first + time <= us);
    const isLast = state === entered.findLastIndex((time) => time !== undefined);
    if (state < 0 || state === STATE_COUNT || (isLast && us > first + observed)) continue;
    counts[end * STATE_COUNT + state]!++;
  }
  return counts;
}

describe('a timeline counts as one would by hand', () => {
  it.each([
    ['changes within microseconds of each other', 20, 1 << 18],
    ['changes within seconds', 5_000_000, 1 << 18],
    ['runs of a few changes', 5_000_000, 7],
    ['changes centuries apart', 2 ** 50, 1 << 18],
  ])('%s', (_, range, runLength) => {
    fc.assert(
      fc.property(
        livesWithin(range),
        fc.array(fc.nat(3 * range), { minLength: 1, maxLength: 20 }),
        (lives, offsets) => {
          const counter = new StateCounter(runsOf(lives, runLength));
          for (const us of offsets.toSorted((a, b) => a - b).map((offset) => NOON + offset)) {
            expect(Array.from(counter.at(us))).toEqual(naiveCounts(lives, us));
          }
        },
      ),
    );
  });

  it('over many pieces, from any of them on', () => {
    const lives = Array.from({ length: 20_000 }, (_, i): Life => {
      const entered = [0, undefined, 3, 1000 + (i % 77), undefined, undefined, 90_000, undefined, undefined];
      return {
        end: i % 2,
        first: NOON + 13 * i,
        observed: 60e6,
        entered: [...entered, undefined, i % 3 ? 60e6 : undefined],
      };
    });
    const runs = runsOf(lives, 1 << 18);
    expect(runs.length).toBe(1);
    for (const offset of [-1, 0, 500, 26_000, 130_000, 200_000, 350_000, 59_999_999, 60_100_000, 61e6]) {
      expect(Array.from(new StateCounter(runs).at(NOON + offset))).toEqual(naiveCounts(lives, NOON + offset));
    }
  });
});
