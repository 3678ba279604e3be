import { counted } from '../units.ts';
import { TEXT_WIDTH, wordsOf, wrapWords } from '../wrap.ts';
import { type FileSpan, overlaps, overlapText } from './overlap.ts';

/** What is known of how complete a capture is: columns of `captures`; NULL where nobody knows. */
export interface CaptureGaps extends FileSpan {
  /** How often segments were acknowledged that were never captured. */
  missed: number | null;
  /** Packets that the kernel dropped (live). */
  dropped: number | null;
  /** 1 if no segment without data was captured, 2 if only those with SYN, FIN or RST. */
  filtered: number | null;
  /** 1 if nearly all flows were captured in one direction only. */
  directions: number | null;
  /** 2 if the packets were captured at two places. */
  places: number | null;
  /** How often the clock went back or far ahead. */
  clockJumps: number | null;
}

/**
 * What is missing from the captures, or there twice, in lines; none if nothing is known to be.
 * @param translated connections that were captured on both sides of a NAT
 */
export function holes(captures: readonly CaptureGaps[], translated = 0): string[] {
  const sentences = gapSentences(captures);
  if (translated > 0) {
    const [were, counts] = translated === 1 ? ['was', 'counts'] : ['were', 'count'];
    const once = translated === 1 ? 'once' : 'once each';
    sentences.push(
      `${counted(translated, 'connection')} ${were} captured on both sides of a NAT, and ${counts} ${once}.`,
    );
  }
  return sentences.length === 0 ? [] : wrapWords(wordsOf(sentences.join(' ')), TEXT_WIDTH);
}

/** The same in sentences, the gravest first. */
export function gapSentences(captures: readonly CaptureGaps[]): string[] {
  const total = (of: 'missed' | 'dropped' | 'clockJumps') =>
    captures.reduce((sum, capture) => sum + (capture[of] ?? 0), 0);
  const some = (of: 'filtered' | 'directions' | 'places', value: number) =>
    captures.some((capture) => capture[of] === value);
  const [missed, dropped] = [total('missed'), total('dropped')];
  const pairs = overlaps(captures);
  // That the next file begins before the last has ended is no jump of a clock.
  const jumps = total('clockJumps') - pairs.filter(([, { clockJumps }]) => (clockJumps ?? 0) > 0).length;
  const isFiltered = some('filtered', 1) || some('filtered', 2);
  const sentences: readonly (readonly [isSo: boolean, sentence: string])[] = [
    [dropped > 0, `The kernel dropped ${counted(dropped, 'packet')} of this capture.`],
    // What a filter left out is missing, too.
    [
      missed > 0 && !isFiltered,
      `Segments that are not in the capture were acknowledged ${counted(missed, 'time')}: it has holes.`,
    ],
    [
      some('filtered', 1),
      'Every segment has data: a filter left out the others, and how connections closed is unknown.',
    ],
    [
      some('filtered', 2),
      'Every segment has SYN, FIN or RST: a filter left out the others, and what only an ACK shows is unknown.',
    ],
    [
      some('directions', 1),
      'Nearly all connections were captured in one direction only: of the other end little is known.',
    ],
    [
      some('places', 2),
      'Many segments are in the capture twice, as of two places: those known as copies count once, at the time of the first; durations include up to half a round trip.',
    ],
    ...pairs.map((pair) => [true, `${overlapText(pair)}.`] as const),
    [
      jumps > 0,
      `The clock of the capture jumped ${jumps === 1 ? 'once' : `${jumps} times`}: durations across that are not to be trusted.`,
    ],
  ];
  return sentences.filter(([isSo]) => isSo).map(([, sentence]) => sentence);
}
