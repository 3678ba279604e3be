import { counted } from '../units.ts';
import { TEXT_WIDTH, wordsOf, wrapWords } from '../wrap.ts';
import type { CaptureFacts } from './summary.ts';

/**
 * What is missing from the captures, or there twice, in sentences; no lines if nothing is known to be.
 *
 * @param translated flows that were captured on both sides of a NAT
 */
export function holes(captures: readonly CaptureFacts[], translated = 0): string[] {
  const total = (of: 'missed' | 'dropped' | 'clockJumps') =>
    captures.reduce((sum, capture) => sum + (capture[of] ?? 0), 0);
  const [missed, dropped, jumps] = [total('missed'), total('dropped'), total('clockJumps')];
  const sentences = [
    ...(dropped > 0 ? [`The kernel dropped ${counted(dropped, 'packet')} of this capture.`] : []),
    // What a filter left out is missing, too.
    ...(missed > 0 && !captures.some(({ filtered }) => (filtered ?? 0) > 0)
      ? [`Segments that are not in the capture were acknowledged ${counted(missed, 'time')}: it has holes.`]
      : []),
    ...(captures.some(({ filtered }) => filtered === 1)
      ? ['Every segment has data: a filter left out the others, and how connections closed is unknown.']
      : []),
    ...(captures.some(({ filtered }) => filtered === 2)
      ? [
          'Every segment has SYN, FIN or RST: a filter left out the others, and what only an ACK shows is unknown.',
        ]
      : []),
    ...(captures.some(({ directions }) => directions === 1)
      ? ['Nearly all connections were captured in one direction only: of the other end little is known.']
      : []),
    ...(captures.some(({ places }) => places === 2)
      ? ['Many segments were captured twice, as at two places: each counts once.']
      : []),
    ...nat(translated),
    ...(jumps > 0
      ? [`The clock jumped ${counted(jumps, 'time')}: durations across that are not to be trusted.`]
      : []),
  ];
  return sentences.length === 0 ? [] : wrapWords(wordsOf(sentences.join(' ')), TEXT_WIDTH);
}

function nat(translated: number): string[] {
  const [were, count] = translated === 1 ? ['was', 'counts once'] : ['were', 'count once each'];
  const what = counted(translated, 'connection');
  return translated === 0 ? [] : [`${what} ${were} captured on both sides of a NAT, and ${count}.`];
}
