import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import type { StateName } from '../../../src/flow/format/words.ts';
import { type Cleanup, run } from '../run.ts';

// The kernel's own account of its sockets: the tracepoint sock:inet_sock_set_state.

/** An IP address and a TCP port. */
export interface Address {
  ip: string;
  port: number;
}

/** One change of a socket's state. */
export interface SocketEvent {
  /** CLOCK_MONOTONIC, microseconds. */
  at: number;
  local: Address;
  remote: Address;
  from: StateName | 'LISTEN';
  to: StateName | 'LISTEN';
}

const STATES: Record<string, StateName | 'LISTEN'> = {
  TCP_SYN_SENT: 'SYN_SENT',
  TCP_SYN_RECV: 'SYN_RECEIVED',
  TCP_NEW_SYN_RECV: 'SYN_RECEIVED',
  TCP_ESTABLISHED: 'ESTABLISHED',
  TCP_FIN_WAIT1: 'FIN_WAIT_1',
  TCP_FIN_WAIT2: 'FIN_WAIT_2',
  TCP_CLOSING: 'CLOSING',
  TCP_TIME_WAIT: 'TIME_WAIT',
  TCP_CLOSE_WAIT: 'CLOSE_WAIT',
  TCP_LAST_ACK: 'LAST_ACK',
  TCP_CLOSE: 'CLOSED',
  TCP_LISTEN: 'LISTEN',
};

const LINE =
  /\s(\d+)\.(\d{6}): inet_sock_set_state: family=(\S+) \S+ sport=(\d+) dport=(\d+) saddr=(\S+) daddr=(\S+) saddrv6=(\S+) daddrv6=(\S+) oldstate=(\S+) newstate=(\S+)/;

/** Reads one line of a trace; null where it is another event, a comment or an unknown state. */
export function parseTraceLine(line: string): SocketEvent | null {
  const found = LINE.exec(line);
  if (found === null) return null;
  const [, sec, usec, family, sport, dport, saddr4, daddr4, saddr6, daddr6, old, now] = found;
  const from = STATES[old ?? ''];
  const to = STATES[now ?? ''];
  if (from === undefined || to === undefined) return null;
  const v4 = family === 'AF_INET';
  return {
    at: Number(sec) * 1e6 + Number(usec),
    local: { ip: unmapped((v4 ? saddr4 : saddr6) ?? ''), port: Number(sport) },
    remote: { ip: unmapped((v4 ? daddr4 : daddr6) ?? ''), port: Number(dport) },
    from,
    to,
  };
}

/** Both addresses as one key. */
export function tuple({ local, remote }: { local: Address; remote: Address }): string {
  return `${local.ip} ${local.port} ${remote.ip} ${remote.port}`;
}

/** `::ffff:10.9.1.2` as `10.9.1.2`: an IPv4 connection of a socket that also speaks IPv6. */
export function unmapped(ip: string): string {
  return ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip;
}

const TRACEFS = '/sys/kernel/tracing';

/** Traces all sockets with one of `ports` at either end, in an instance of its own, until `stop()` returns the events. */
export function startTrace(
  name: string,
  ports: readonly number[],
  cleanup: Cleanup,
): { stop(): SocketEvent[] } {
  if (!existsSync(`${TRACEFS}/instances`)) run('mount', ['-t', 'tracefs', 'tracefs', TRACEFS]);
  const instance = `${TRACEFS}/instances/${name}`;
  const event = `${instance}/events/sock/inet_sock_set_state`;
  mkdirSync(instance);
  cleanup.defer(() => {
    if (existsSync(instance)) rmdirSync(instance);
  });
  writeFileSync(`${instance}/trace_clock`, 'mono');
  writeFileSync(`${instance}/buffer_size_kb`, '4096');
  writeFileSync(`${event}/filter`, ports.map((port) => `sport == ${port} || dport == ${port}`).join(' || '));
  writeFileSync(`${event}/enable`, '1');
  return {
    stop() {
      writeFileSync(`${event}/enable`, '0');
      const lines = readFileSync(`${instance}/trace`, 'utf8').split('\n');
      rmdirSync(instance);
      const [, kept, written] = /entries-written: (\d+)\/(\d+)/.exec(lines.join('\n')) ?? [];
      if (kept !== written) throw new Error(`the trace lost events: ${kept} of ${written} are left`);
      return lines.map(parseTraceLine).filter((parsed) => parsed !== null);
    },
  };
}
