import {
  END_OF_OPTIONS as EOL,
  MSS,
  NOP,
  optionLayout,
  SACK_PERMITTED as SACK,
  TIMESTAMPS as TS,
  WINDOW_SCALE as WS,
} from '../../decode/options.ts';
import type { Segment } from '../../decode/segment.ts';
import { code } from '../format/word-table.ts';
import { STACKS } from '../format/words.ts';

/** What the SYNs and SYN-ACKs of a TCP stack have in common, in p0f's terms. */
interface SynFingerprint {
  stack: (typeof STACKS)[number];
  /** Initial TTL (ittl). */
  ttl: number;
  /** Option layout (olayout). */
  options: readonly number[];
}

// A SYN-ACK leaves out the options that the SYN did not offer: hence several layouts of one stack.
const FINGERPRINTS: readonly SynFingerprint[] = [
  { stack: 'linux', ttl: 64, options: [MSS, SACK, TS, NOP, WS] },
  { stack: 'linux', ttl: 64, options: [MSS, NOP, NOP, SACK, NOP, WS] },
  { stack: 'linux', ttl: 64, options: [MSS, NOP, NOP, TS, NOP, WS] },
  { stack: 'macos', ttl: 64, options: [MSS, NOP, WS, NOP, NOP, TS, SACK, EOL] },
  { stack: 'freebsd', ttl: 64, options: [MSS, NOP, WS, SACK, TS] },
  { stack: 'windows', ttl: 128, options: [MSS, NOP, WS, NOP, NOP, SACK] },
  { stack: 'windows', ttl: 128, options: [MSS, NOP, WS, SACK, TS] },
  { stack: 'windows', ttl: 128, options: [MSS, NOP, NOP, SACK] },
  { stack: 'solaris', ttl: 64, options: [MSS, NOP, WS, NOP, NOP, SACK] },
  { stack: 'solaris', ttl: 64, options: [NOP, WS, NOP, NOP, TS, NOP, NOP, SACK, MSS] },
];

const STACK_OF = new Map(
  FINGERPRINTS.map(
    ({ stack, ttl, options }) => [keyOf(ttl, optionLayout(options)), code(STACKS, stack)] as const,
  ),
);

/**
 * The code of the stack that most likely sent a SYN or SYN-ACK, by its option layout and initial TTL; -1 if the
 * fingerprint is not known. A hypothesis: a proxy or a load balancer shows its own.
 */
export function stackOf(s: Segment): number {
  return STACK_OF.get(keyOf(initialTtl(s.ttl), s.optionLayout)) ?? -1;
}

/** Initial TTLs are 32, 64, 128 or 255, and no path is longer than the distance between these. */
function initialTtl(ttl: number): number {
  return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

function keyOf(ttl: number, layout: number): number {
  return layout * 256 + ttl;
}
