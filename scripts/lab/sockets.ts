import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { monotonicUs } from './clock.ts';
import { seconds } from './run.ts';
import { type Address, tuple, unmapped } from './trace.ts';

// TIME_WAIT and an orphan's FIN_WAIT_2 live in mini-sockets, of which the tracepoint only says "closed".
// The socket table shows them, so we look at it again and again.

const execute = promisify(execFile);

export type WaitState = 'FIN_WAIT_2' | 'TIME_WAIT';

/** A line of the socket table. */
export interface WaitingSocket {
  state: WaitState;
  local: Address;
  remote: Address;
}

/** One look at a socket table. It took place between two instants of CLOCK_MONOTONIC, microseconds. */
export interface Poll {
  from: number;
  to: number;
  /** State by `tuple()`. */
  states: Map<string, WaitState>;
}

const STATES: Record<string, WaitState> = { 'FIN-WAIT-2': 'FIN_WAIT_2', 'TIME-WAIT': 'TIME_WAIT' };

/** Reads one line of `ss -Htan`; null where it is in another state. */
export function parseSsLine(line: string): WaitingSocket | null {
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
  const states = ['state', 'fin-wait-2', 'state', 'time-wait'];
  const from = monotonicUs();
  const { stdout } = await execute('ss', ['-N', namespace, '-Htan', ...states], { timeout: 5000 });
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
