import { LINK_TYPES } from '../../capture/base/link-types.ts';
import { type SkippedNumbers, skippedBecause } from '../../decode/verdict.ts';
import { printable } from '../text.ts';
import { count, counted } from '../units.ts';
import { TEXT_WIDTH, wordsOf, wrapWords } from '../wrap.ts';
import type { CaptureFacts } from './summary.ts';
import type { WordCounts } from './word-counts.ts';

/** More of a capture's frames than this, and what was skipped may be what is looked for. */
const NOTABLE_SHARE = 0.1;
/** A reason of fewer of the skipped frames is not among the main ones. */
const MAIN_SHARE = 0.25;

// Those that are common; others are named by their number.
const ETHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0806, 'ARP'],
  [0x888e, 'EAPOL'],
  [0x88cc, 'LLDP'],
]);
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'ICMP'],
  [17, 'UDP'],
  [47, 'GRE'],
  [50, 'ESP'],
  [58, 'ICMPv6'],
  [132, 'SCTP'],
]);

/** Frames skipped in all of the captures, by reason, most first. */
export function skippedCounts(captures: readonly CaptureFacts[]): WordCounts<string> {
  const totals = new Map<string, number>();
  for (const { skipped } of captures) {
    for (const [reason, n] of Object.entries(skipped)) totals.set(reason, (totals.get(reason) ?? 0) + n);
  }
  return Array.from(totals, ([word, n]) => ({ word, count: n }))
    .filter(({ count: n }) => n > 0)
    .sort((a, b) => b.count - a.count);
}

/** How many frames were skipped and why, in a sentence, where it was more than a tenth of a capture; else no lines. */
export function skippedShare(captures: readonly CaptureFacts[], numbers?: SkippedNumbers): string[] {
  const notable = captures.filter((capture) => skippedIn([capture]) > capture.frames * NOTABLE_SHARE);
  if (notable.length === 0) return [];
  const skipped = skippedIn(notable);
  const frames = notable.reduce((sum, capture) => sum + capture.frames, 0);
  const percent = Math.round((100 * skipped) / frames);
  const reasons = skippedCounts(notable)
    .filter((reason) => reason.count >= skipped * MAIN_SHARE)
    .map(
      ({ word, count: n }) =>
        `${counted(n, 'time')} ${skippedBecause(word) || word}${what(word, notable, numbers)}`,
    );
  const sentence = `${count(skipped)} of ${counted(frames, 'frame')} (${percent} %) were skipped: ${reasons.join('; ')}`;
  return wrapWords(wordsOf(`${where(notable, captures)}${sentence}`), TEXT_WIDTH);
}

function skippedIn(captures: readonly CaptureFacts[]): number {
  return skippedCounts(captures).reduce((sum, reason) => sum + reason.count, 0);
}

function where(notable: readonly CaptureFacts[], captures: readonly CaptureFacts[]): string {
  if (captures.length === 1) return '';
  const only = notable.length === 1 ? printable(notable[0]!.path) : undefined;
  return `${only ?? `${count(notable.length)} of ${counted(captures.length, 'file')}`}: `;
}

/** The EtherTypes, protocols or link types that frames were skipped for, in brackets; '' where unknown. */
function what(
  reason: string,
  captures: readonly CaptureFacts[],
  numbers: SkippedNumbers | undefined,
): string {
  const found = numbers?.most(reason) ?? [];
  const names =
    reason === 'unknown-link'
      ? unknownLinkTypes(captures).map((linkType) => `link type ${linkType}`)
      : found.map((number) => (reason === 'not-ip' ? etherType(number) : protocol(number)));
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}

function unknownLinkTypes(captures: readonly CaptureFacts[]): number[] {
  const known = new Set<number>(LINK_TYPES.map(({ number }) => number));
  return [...new Set(captures.flatMap(({ linkTypes }) => linkTypes))].filter((number) => !known.has(number));
}

function etherType(number: number): string {
  return ETHER_TYPES.get(number) ?? `EtherType 0x${number.toString(16).padStart(4, '0')}`;
}

function protocol(number: number): string {
  return PROTOCOLS.get(number) ?? `IP protocol ${number}`;
}
