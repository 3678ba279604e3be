import { endName } from '../../report/name.ts';

/** What a live capture knows at an instant, for the screen and for programs. */
export interface LiveView {
  /** The device or `-`, and how it is captured (cap, tcpdump, stream). */
  source: string;
  via: string;
  /** The database being written. */
  database: string;
  /**
   * Microseconds since the epoch. The difference is the time since the start; where the packets' clock is
   * set or stands still, `startedUs` goes with it.
   */
  nowUs: number;
  startedUs: number;
  /** Since the start. */
  packets: number;
  segments: number;
  /** Seen so far and not yet finished. */
  flows: number;
  openFlows: number;
  /** Ends in each state now (all but CLOSED), in the states' order. */
  states: readonly { state: string; client: number; server: number }[];
  /** Closes since the start, by kind. */
  closes: readonly { kind: string; count: number }[];
  /** Closes since the start, by who closed first. */
  closedFirst: readonly { end: 'client' | 'server' | 'both'; count: number }[];
  /** Holders of CLOSE_WAIT, FIN_WAIT_2 and TIME_WAIT: the largest, and those with the longest waits. */
  holders: readonly LiveHolder[];
  /** Packets that the kernel dropped; undefined if that is not known. */
  kernelDrops: number | undefined;
  /** Packets that the kernel still had when the capture ended, and nobody took; undefined if that is not known. */
  unread: number | undefined;
  /** TCP segments that were acknowledged but never seen; undefined if that is not known. */
  gaps: number | undefined;
  /** Memory of the process. */
  memoryBytes: number;
}

/** The ends of one holder that stand in a state: of a client's address, or of a server's address and port. */
export interface LiveHolder {
  state: string;
  endpoint: 'client' | 'server';
  ip: string;
  /** Of a server; null of clients, whose ports differ. */
  port: number | null;
  count: number;
  /** How long the longest of them has been in the state, in microseconds. */
  longestUs: number;
}

/** The states whose holders are named, the most telling first: a CLOSE_WAIT is its own program's to end. */
export const HELD_STATES = ['CLOSE_WAIT', 'FIN_WAIT_2', 'TIME_WAIT'] as const;

/** By how many ends stand, or by how long the longest has stood. */
export type HolderOrder = 'count' | 'longest';

/** The holders of a state in order. */
export function holdersOf({ holders }: LiveView, state: string, order: HolderOrder): LiveHolder[] {
  const byCount = (a: LiveHolder, b: LiveHolder) => b.count - a.count;
  const byLongest = (a: LiveHolder, b: LiveHolder) => b.longestUs - a.longestUs;
  const [first, second] = order === 'count' ? [byCount, byLongest] : [byLongest, byCount];
  return holders.filter((holder) => holder.state === state).sort((a, b) => first(a, b) || second(a, b));
}

/** `10.0.0.7:8080`, `[::1]:80`; of clients `10.0.0.1`. */
export function holderName({ ip, port }: LiveHolder): string {
  return port === null ? ip : endName(ip, port);
}
