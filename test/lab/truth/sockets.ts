import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StateName } from '../../../src/flow/format/words.ts';
import { seconds } from '../run.ts';
import { monotonicUs } from './clock.ts';
import { type Address, tuple, unmapped } from './trace.ts';

// TIME_WAIT and an orphan's FIN_WAIT_2 live in mini-sockets, of which the tracepoint only says "closed".
// The socket table shows them, so we look at it again and again; it is also what netstat shows.

const execute = promisify(execFile);

/** A line of the socket table. */
export interface TableSocket {
  state: StateName;
  local: Address;
  remote: Address;
}

/** One look at a socket table. It took place between two instants of CLOCK_MONOTONIC, microseconds. */
export interface Poll {
  from: number;
  to: number;
  /** State by `tuple()`, of all sockets but those that listen. */
  states: Map<string, StateName>;
}

const STATES: Record<string, StateName> = {
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECEIVED',
  ESTAB: 'ESTABLISHED',
  'FIN-WAIT-1': 'FIN_WAIT_1',
  'FIN-WAIT-2': 'FIN_WAIT_2',
  CLOSING: 'CLOSING',
  'TIME-WAIT': 'TIME_WAIT',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
};

/** Reads one line of `ss -Htan`; null where it is no connection. */
export function parseSsLine(line: string): TableSocket | null {
  const [word = '', , , local, remote] = line.trim().split(/\s+/);
  const state = STATES[word];
  if (state === undefined || local === undefined || remote === undefined) return null;
  return { state, local: parseAddress(local), remote: parseAddress(remote) };
}

/** `10.9.1.2:80` or `[fd00::1]:80`, with or without `%device` behind the address. */
function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  const [host = ''] = text.slice(0, colon).split('%');
  return { ip: unmapped(host.replace(/^\[(.*)\]$/, '$1')), port: Number(text.slice(colon + 1)) };
}

/** Looks once. */
export async function pollSockets(namespace: string): Promise<Poll> {
  const from = monotonicUs();
  const { stdout } = await execute('ss', ['-N', namespace, '-Htan'], { timeout: 5000 });
  const to = monotonicUs();
  const sockets = stdout
    .split('\n')
    .map(parseSsLine)
    .filter((socket) => socket !== null);
  return { from, to, states: new Map(sockets.map((socket) => [tuple(socket), socket.state])) };
}

/** Looks every `interval` seconds until `stop()`, which looks once more and returns everything seen. */
export function watchSockets(namespace: string, interval: number): { stop(): Promise<Poll[]> } {
  const polls: Poll[] = [];
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      polls.push(await pollSockets(namespace));
      await seconds(interval);
    }
    polls.push(await pollSockets(namespace));
    return polls;
  })();
  watching.catch(() => {});
  return {
    stop() {
      stopped = true;
      return watching;
    },
  };
}

/** Sockets in each state of each address of a host. */
export function countStates({ states }: Poll): Map<string, Map<StateName, number>> {
  const counts = new Map<string, Map<StateName, number>>();
  for (const [key, state] of states) {
    const ip = key.split(' ', 1)[0]!;
    const ofAddress = counts.get(ip) ?? new Map<StateName, number>();
    counts.set(ip, ofAddress.set(state, (ofAddress.get(state) ?? 0) + 1));
  }
  return counts;
}
