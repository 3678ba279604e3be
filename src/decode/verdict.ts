// The outcome of decoding a frame. Only the first verdict fills the segment; the others say why the frame is
// skipped, and the caller counts them by their number.

/** The frame carried a TCP segment, and the segment was decoded. */
export const SEGMENT = 0;
/** Neither IPv4 nor IPv6 inside: ARP, LLDP, an unknown EtherType. */
export const NOT_IP = 1;
/** IP, but neither TCP nor a tunnel that this decoder knows. */
export const NOT_TCP = 2;
/** A non-first IP fragment; the TCP header is in the first one. */
export const LATER_FRAGMENT = 3;
/** The capture ends inside a header that the decoder needs. */
export const TRUNCATED_HEADER = 4;
/** The IP version is neither 4 nor 6, or not the one that the outer layer announced. */
export const BAD_IP_VERSION = 5;
/** IHL or data offset is less than the fixed header's length. */
export const BAD_HEADER_LENGTH = 6;
/** A length field leaves no room for the headers it has to hold; receivers drop this too. */
export const BAD_LENGTH = 7;
/** More nested layers than any real network has. */
export const TOO_DEEP = 8;
/** A link type that this decoder does not know. */
export const UNKNOWN_LINK = 9;
/** A Wi-Fi frame whose body is encrypted. */
export const ENCRYPTED = 10;
/** A Wi-Fi frame that its receiver marked as damaged: the check sequence (FCS) failed, any bit may be wrong. */
export const BAD_FCS = 11;

/** What the summary says about frames of a verdict. */
interface VerdictWords {
  readonly word: string;
  readonly note: string;
  readonly example?: string;
}

/** The verdicts by number. */
const TABLE = [
  { word: 'segment', note: '' },
  { word: 'not-ip', note: 'neither IPv4 nor IPv6', example: 'such as ARP' },
  { word: 'not-tcp', note: 'IP, but not TCP' },
  { word: 'later-fragment', note: 'IP fragment after the first' },
  { word: 'truncated-header', note: 'cut before the end of the headers (snap length)' },
  { word: 'bad-ip-version', note: 'IP version is not what was announced' },
  { word: 'bad-header-length', note: 'a header shorter than headers can be' },
  { word: 'bad-length', note: 'a length that leaves no room for the headers' },
  { word: 'too-deep', note: 'too many headers inside each other' },
  { word: 'unknown-link', note: 'a link type that finwait does not know' },
  { word: 'encrypted', note: 'an encrypted Wi-Fi frame' },
  { word: 'bad-fcs', note: 'a Wi-Fi frame that was damaged on the air' },
] as const satisfies readonly VerdictWords[];

/** The verdicts' words, by number. */
export const VERDICTS: readonly string[] = TABLE.map(({ word }) => word);

/** An index into VERDICTS. */
export type Verdict = number;

/** Counts by verdict, all 0. */
export function newVerdicts(): number[] {
  return new Array<number>(VERDICTS.length).fill(0);
}

/** The counts of skipped frames, by reason. */
export function skippedByReason(verdicts: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  VERDICTS.forEach((reason, verdict) => {
    if (verdict !== SEGMENT && verdicts[verdict]! > 0) counts[reason] = verdicts[verdict]!;
  });
  return counts;
}

/** What the summary says about a reason, with an example where there is one; '' for one that is not known. */
export function skippedNote(reason: string): string {
  const found = wordsOf(reason);
  return found?.example === undefined ? (found?.note ?? '') : `${found.note}, ${found.example}`;
}

/** The same without the example. */
export function skippedBecause(reason: string): string {
  return wordsOf(reason)?.note ?? '';
}

function wordsOf(reason: string): VerdictWords | undefined {
  return TABLE.find(({ word }) => word === reason);
}

/** Counts skipped frames by the number that decodeFrame stopped at. */
export class SkippedNumbers {
  readonly #counts: Readonly<Record<Verdict, Uint32Array>> = {
    [NOT_IP]: new Uint32Array(1 << 16), // by EtherType
    [NOT_TCP]: new Uint32Array(1 << 8), // by IP protocol
  };

  add(verdict: Verdict, number: number): void {
    const counts = this.#counts[verdict];
    if (counts !== undefined) counts[number]!++;
  }

  /** The EtherTypes of `not-ip`, the protocols of `not-tcp`: those of at least a tenth of its frames, most first. */
  most(reason: string): number[] {
    const counts = this.#counts[VERDICTS.indexOf(reason)];
    if (counts === undefined) return [];
    const tenth = counts.reduce((sum, count) => sum + count, 0) / 10;
    return [...counts.keys()]
      .filter((number) => number > 0 && counts[number]! > 0 && counts[number]! >= tenth)
      .sort((a, b) => counts[b]! - counts[a]!);
  }
}
