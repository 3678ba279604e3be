import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StateName } from '../../../src/flow/format/words.ts';
import type { Side } from '../network/network.ts';
import { countStates, type Poll } from '../truth/sockets.ts';
import type { Truth } from '../truth/watch.ts';
import type { EndpointPath } from './database.ts';

// What `finwait states --netstat` says of a host at an instant against the host's own socket table.

/** How long before and after a look no socket may have changed its state, in microseconds. */
const GUARD_US = 5000;
const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

/** netstat's spelling, where it is not RFC 9293's. */
const NETSTAT: Partial<Record<StateName, string>> = {
  SYN_RECEIVED: 'SYN_RECV',
  FIN_WAIT_1: 'FIN_WAIT1',
  FIN_WAIT_2: 'FIN_WAIT2',
};

/** One address of a host at one instant: what its kernel showed and what finwait says. */
export interface Instant {
  side: Side;
  ip: string;
  /** Epoch microseconds. */
  at: number;
  /** `STATE count`, in alphabetical order. */
  kernel: string[];
  ours: string[];
  /** The sockets whose states differ; where the counts are the same they may yet be others' sockets. */
  misses: string[];
}

/**
 * The looks at a host's socket table in which nothing was in motion, within the times of its capture.
 * Packets take microseconds between the hosts, so none is under way when neither kernel sees a change.
 */
export function quietLooks(truth: Pick<Truth, 'changes_us' | 'polls'>, side: Side, within: Span): Poll[] {
  const quiet = ({ from, to }: Poll) =>
    !truth.changes_us.some((at) => at > from - GUARD_US && at < to + GUARD_US);
  return truth.polls[side].filter((poll) => poll.from > within.from && poll.to < within.to && quiet(poll));
}

/** From and to, in epoch microseconds. */
export interface Span {
  from: number;
  to: number;
}

/** So many of a list, evenly spread. */
export function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}

/** Which look of which host, and which of its addresses. */
interface Question {
  side: Side;
  ip: string;
  look: Poll;
}

/** Asks the program about an address of a host at the instant of a look. */
export function askInstant(
  database: string,
  paths: readonly EndpointPath[],
  { side, ip, look }: Question,
): Instant {
  const at = Math.floor((look.from + look.to) / 2);
  const words = ['states', database, '--at', (at / 1e6).toFixed(6), '--netstat', '--ip', ip];
  const output = execFileSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
  const lines = output.split('\n').filter((line) => line !== '');
  const ours = lines.map((line) => line.trim().replace(/\s+/, ' ')).sort();
  const kernel = countLines(countStates(look).get(ip));
  const misses = differences(tableOf(look, ip), statesAt(paths, ip, at));
  return { side, ip, at, kernel, ours, misses };
}

/** In how many states an address of a host had sockets. */
export function occupied(look: Poll, ip: string): number {
  return countStates(look).get(ip)?.size ?? 0;
}

/** Whether the counts are the same, and each socket's state. */
export function isEqual({ kernel, ours, misses }: Instant): boolean {
  return kernel.join() === ours.join() && misses.length === 0;
}

/** The line that the conformance run prints. */
export function netstatLine(name: string, instants: readonly Instant[]): string {
  const equal = instants.filter(isEqual).length;
  const states = [...new Set(instants.flatMap(({ kernel }) => kernel.map((line) => line.split(' ')[0]!)))];
  const most = Math.max(0, ...instants.map(({ kernel }) => kernel.length));
  return `${name}: netstat equal at ${equal} of ${instants.length} instants, up to ${most} states at once (${states.sort().join(', ')})`;
}

/** Every instant that differs, with the sockets that make the difference. */
export function netstatMisses(instants: readonly Instant[]): string[] {
  return instants
    .filter((instant) => !isEqual(instant))
    .map(({ side, ip, at, kernel, ours, misses }) =>
      [
        `${side} ${ip} at ${(at / 1e6).toFixed(6)}`,
        `  kernel ${kernel.join(', ')}`,
        `  ours   ${ours.join(', ')}`,
        ...misses.map((miss) => `  ${miss}`),
      ].join('\n'),
    );
}

/** An address's part of a socket table: state by tuple. */
function tableOf({ states }: Poll, ip: string): Map<string, StateName> {
  return new Map([...states].filter(([key]) => key.startsWith(`${ip} `)));
}

function countLines(counts: ReadonlyMap<StateName, number> = new Map()): string[] {
  return [...counts].map(([state, count]) => `${NETSTAT[state] ?? state} ${count}`).sort();
}

/** The state of each of an address's endpoints at an instant, by their paths. */
function statesAt(paths: readonly EndpointPath[], ip: string, at: number): Map<string, StateName> {
  const states = new Map<string, StateName>();
  for (const path of paths) {
    const last = path.states.findLast((step) => step.at <= at);
    if (path.ip !== ip || last === undefined || last.state === 'CLOSED') continue;
    states.set(`${path.ip} ${path.port} ${path.peerIp} ${path.peerPort}`, last.state);
  }
  return states;
}

function differences(kernel: ReadonlyMap<string, StateName>, ours: ReadonlyMap<string, StateName>): string[] {
  return [...new Set([...kernel.keys(), ...ours.keys()])]
    .filter((key) => kernel.get(key) !== ours.get(key))
    .map((key) => `${key}: kernel ${kernel.get(key) ?? 'none'}, ours ${ours.get(key) ?? 'none'}`);
}
