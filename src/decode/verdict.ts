// What became of a frame. Only the first verdict fills the segment; the others say why the frame was
// skipped, and the caller counts them by their number.

/** The frame carried a TCP segment, and the segment was decoded. */
export const SEGMENT = 0;
/** Neither IPv4 nor IPv6 inside: ARP, LLDP, an unknown EtherType. */
export const NOT_IP = 1;
/** IP, but neither TCP nor a tunnel that is known here. */
export const NOT_TCP = 2;
/** A non-first IP fragment; the TCP header is in the first one. */
export const LATER_FRAGMENT = 3;
/** The capture ends inside a header that the decoder needs. */
export const TRUNCATED_HEADER = 4;
/** An IP header was due, and its version is neither 4 nor 6 or not the announced one. */
export const BAD_IP_VERSION = 5;
/** IHL or data offset is less than the fixed header. */
export const BAD_HEADER_LENGTH = 6;
/** A length field leaves no room for the headers it has to hold; receivers drop this too. */
export const BAD_LENGTH = 7;
/** More layers inside each other than any real network has. */
export const TOO_DEEP = 8;
/** A link type that this decoder does not know. */
export const UNKNOWN_LINK = 9;

/** The verdicts' words, by number. */
export const VERDICTS = [
  'segment',
  'not-ip',
  'not-tcp',
  'later-fragment',
  'truncated-header',
  'bad-ip-version',
  'bad-header-length',
  'bad-length',
  'too-deep',
  'unknown-link',
] as const;

/** An index into VERDICTS. */
export type Verdict = number;

/** Counts by verdict, all 0. */
export function newVerdicts(): number[] {
  return new Array<number>(VERDICTS.length).fill(0);
}

/** The counts of what was skipped, by reason. */
export function passedOver(verdicts: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  VERDICTS.forEach((reason, verdict) => {
    if (verdict !== SEGMENT && verdicts[verdict]! > 0) counts[reason] = verdicts[verdict]!;
  });
  return counts;
}
