import type { LiveHolder, LiveView } from '../../../src/terminal/screen/view.ts';
import { NOON } from '../../record/batches.ts';

export const SECOND = 1_000_000;

type Three = readonly [string, number, number];

/** A view after this many seconds; what is left out is nothing. States, closes and ends in short. */
export function viewAt(
  seconds: number,
  facts: {
    states?: readonly Three[];
    closes?: Record<string, number>;
    first?: Partial<Record<'client' | 'server' | 'both', number>>;
    holders?: readonly LiveHolder[];
  } & Partial<Omit<LiveView, 'states' | 'closes' | 'closedFirst' | 'holders'>> = {},
): LiveView {
  const { states = [], closes = {}, first = {}, holders = [], ...others } = facts;
  return {
    source: 'eth0',
    via: 'tcpdump',
    database: 'web.sqlite',
    startedUs: NOON,
    nowUs: NOON + seconds * SECOND,
    packets: 0,
    segments: 0,
    flows: 0,
    openFlows: 0,
    kernelDrops: 0,
    unread: 0,
    gaps: 0,
    memoryBytes: 96 * SECOND,
    states: states.map(([state, client, server]) => ({ state, client, server })),
    closes: Object.entries(closes).map(([kind, count]) => ({ kind, count })),
    closedFirst: (['client', 'server', 'both'] as const).map((end) => ({ end, count: first[end] ?? 0 })),
    holders,
    ...others,
  };
}

/** Ends of a server that stand in a state. */
export function atServer(
  state: string,
  count: number,
  seconds: number,
  ip = '10.0.0.7',
  port = 8080,
): LiveHolder {
  return { state, endpoint: 'server', ip, port, count, longestUs: seconds * SECOND };
}

/** Ends of a client that stand in a state. */
export function atClient(state: string, count: number, seconds: number, ip = '10.0.0.1'): LiveHolder {
  return { state, endpoint: 'client', ip, port: null, count, longestUs: seconds * SECOND };
}

/** A busy server that does not close its side on port 8080: a leak that has grown for this many seconds. */
export function leakAt(seconds: number): LiveView {
  const leaked = 3 * seconds + 5;
  return viewAt(seconds, {
    packets: 4_000 * seconds,
    segments: 3_990 * seconds,
    flows: 300 * seconds,
    openFlows: 1_250 + leaked,
    states: [
      ['SYN_SENT', 2, 0],
      ['SYN_RECEIVED', 0, 1],
      ['ESTABLISHED', 118, 119],
      ['FIN_WAIT_1', 1, 0],
      ['FIN_WAIT_2', leaked, 3],
      ['CLOSING', 0, 0],
      ['TIME_WAIT', 1_234, 56],
      ['CLOSE_WAIT', 3, leaked],
      ['LAST_ACK', 2, 1],
    ],
    closes: { fin: 120 * seconds, half: leaked, reset: 2 * seconds, refused: 0 },
    first: { client: 110 * seconds, server: 12 * seconds, both: 1 },
    holders: [
      atClient('TIME_WAIT', 12, 59.9, '10.0.0.2'),
      atClient('TIME_WAIT', 1_222, 59.3),
      atClient('FIN_WAIT_2', leaked, seconds),
      atServer('CLOSE_WAIT', leaked, seconds),
      atClient('CLOSE_WAIT', 3, 0.25, '2001:db8:12:34:56:78:9abc:def0'),
    ],
  });
}

/** A flood of SYNs that nobody answers for. */
export function floodAt(seconds: number): LiveView {
  const half = Math.min(250_000, 50_000 * seconds);
  return viewAt(seconds, {
    packets: 200_000 * seconds,
    segments: 200_000 * seconds,
    flows: 100_000 * seconds,
    openFlows: half,
    states: [
      ['SYN_SENT', half, 0],
      ['SYN_RECEIVED', 0, half],
      ['ESTABLISHED', 3, 3],
    ],
    closes: { unanswered: 0, refused: 12_345 },
    first: { server: 12_345 },
    kernelDrops: 54_321,
    unread: 0,
    gaps: undefined,
    memoryBytes: 512 * SECOND,
  });
}
