import {
  END_OF_OPTIONS as EOL,
  MSS,
  NOP,
  optionOrder,
  SACK_PERMITTED as SACK,
  TIMESTAMPS as TS,
  WINDOW_SCALE as WS,
} from '../../decode/options.ts';
import type { Segment } from '../../decode/segment.ts';
import type { STACKS } from '../format/words.ts';

type Stack = (typeof STACKS)[number];

/** How a stack writes the options of its SYN or SYN-ACK, and the TTL it begins with. */
interface Handwriting {
  stack: Stack;
  ttl: number;
  options: readonly number[];
}

// The options that a SYN-ACK leaves out because the SYN did not offer them are left out here too.
const HANDWRITINGS: readonly Handwriting[] = [
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

const KNOWN = new Map(
  HANDWRITINGS.map(({ stack, ttl, options }) => [keyOf(ttl, optionOrder(options)), stack] as const),
);

/**
 * The system that most likely sent a SYN or SYN-ACK, by the order of its options and the TTL it
 * must have begun with; undefined where the handwriting is not known. A hypothesis: a proxy or a
 * load balancer writes its own.
 */
export function stackOf(s: Segment): Stack | undefined {
  return KNOWN.get(keyOf(initialTtl(s.ttl), s.optionOrder));
}

/** Stacks begin with 32, 64, 128 or 255, and no path is longer than the distance between these. */
function initialTtl(ttl: number): number {
  return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

function keyOf(ttl: number, order: number): number {
  return order * 256 + ttl;
}
