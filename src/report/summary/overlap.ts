import { shellWord } from '../../capture/base/shell.ts';
import { fileName, printable } from '../text.ts';

/** When packets of a file were captured, in microseconds since the epoch; NULL (or NaN) where it has none. */
export interface FileSpan {
  path: string;
  firstUs: number | null;
  lastUs: number | null;
}

/** Files of one capture share less than this: packets of several queues are written a little out of order. */
const SHARED_US = 1_000_000;

/** Neighbours, as they were given, that were captured at the same time: more than a second, or half of the shorter. */
export function overlaps<T extends FileSpan>(files: readonly T[]): [T, T][] {
  return files.slice(1).flatMap((file, i): [T, T][] => {
    const before = files[i]!;
    return overlap(before, file) ? [[before, file]] : [];
  });
}

function overlap(a: FileSpan, b: FileSpan): boolean {
  const [firstA, lastA, firstB, lastB] = [a.firstUs, a.lastUs, b.firstUs, b.lastUs].map(
    (us) => us ?? Number.NaN,
  );
  const shared = Math.min(lastA!, lastB!) - Math.max(firstA!, firstB!);
  const shorter = Math.min(lastA! - firstA!, lastB! - firstB!);
  return shared > 0 && (shared > SHARED_US || shared > shorter / 2);
}

/** What is wrong with files that overlap, and what to do. */
export function overlapText(pair: readonly [FileSpan, FileSpan]): string {
  const names = pair.map(({ path }) => fileName(path));
  const words = pair.map(({ path }) => shellWord(printable(path)));
  const merge = `mergecap -w both.pcap ${words.join(' ')}`;
  return `${names.join(' and ')} overlap in time, and were read one after the other (${merge} makes them one)`;
}
