import { indexOfFirst } from '../sorted.ts';
import { GAP, tableLines } from '../table.ts';
import { textWidth } from '../text.ts';
import { count } from '../units.ts';
import { TEXT_WIDTH } from '../wrap.ts';
import { percentile } from './samples.ts';

/** Numbers from `fromUs` on and below `toUs`. */
export interface Bin {
  fromUs: number;
  toUs: number;
  count: number;
}

/** How durations are spread, in microseconds; percentiles by nearest rank, 0 of none. */
export interface Distribution {
  count: number;
  medianUs: number;
  p90Us: number;
  p99Us: number;
  longestUs: number;
  bins: Bin[];
}

/** More lines than that tell no more. */
const MAX_BINS = 12;
/** Where bins begin in each decade. */
const FINE = [1, 2, 5];
const COARSE = [1];

/** @param sorted durations in microseconds, the shortest first */
export function distribution(sorted: Float64Array): Distribution {
  const fine = bins(sorted, FINE);
  return {
    count: sorted.length,
    medianUs: percentile(sorted, 0.5),
    p90Us: percentile(sorted, 0.9),
    p99Us: percentile(sorted, 0.99),
    longestUs: sorted.at(-1) ?? 0,
    bins: fine.length <= MAX_BINS ? fine : bins(sorted, COARSE),
  };
}

/** Logarithmic bins from the shortest to the longest; the first one also has what is shorter than 1 µs. */
function bins(sorted: Float64Array, steps: readonly number[]): Bin[] {
  const found: Bin[] = [];
  let fromUs = 0;
  let before = 0;
  for (const toUs of edges(steps)) {
    if (before === sorted.length) break;
    const below = indexOfFirst(sorted, toUs);
    if (below > 0) found.push({ fromUs, toUs, count: below - before });
    fromUs = toUs;
    before = below;
  }
  return found;
}

function* edges(steps: readonly number[]): Generator<number> {
  for (let decade = 1; ; decade *= 10) {
    for (const step of steps) yield step * decade;
  }
}

/** The longest bar in a line. */
const BAR_WIDTH = 32;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Lines of a histogram: limits, count, share and bar, the longest for the largest bin. */
export function histogramLines(histogram: readonly Bin[], indent: string): string[] {
  const total = histogram.reduce((sum, bin) => sum + bin.count, 0);
  const largest = histogram.reduce((most, bin) => Math.max(most, bin.count), 0);
  const numbers = histogram.map(({ fromUs, toUs, count: n }) => [
    `${edgeText(fromUs)} – ${edgeText(toUs)}`,
    count(n),
    share(n, total),
  ]);
  const layout = { indent, right: [true, true, true, false] };
  const room = TEXT_WIDTH - GAP.length - textWidth(tableLines(numbers, layout)[0] ?? '');
  const width = Math.min(BAR_WIDTH, room);
  const rows = histogram.map(({ count: n }, i) => [...numbers[i]!, bar(n / largest, width)]);
  return tableLines(rows, layout);
}

/** A part of a whole in percent; what is there is never 0. */
export function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.05) return '<0.1 %';
  return `${percent.toFixed(1)} %`;
}

/** A bar of a part of `width`, in eighths of a character; what is there can be seen. */
function bar(part: number, width: number): string {
  const eighths = Math.max(Math.round(part * width * 8), part > 0 ? 1 : 0);
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}

/** A round number of microseconds: `0`, `20 µs`, `1 s`, `1,000 s`. */
function edgeText(us: number): string {
  if (us === 0) return '0';
  if (us < 1e3) return `${us} µs`;
  if (us < 1e6) return `${us / 1e3} ms`;
  return `${count(us / 1e6)} s`;
}
