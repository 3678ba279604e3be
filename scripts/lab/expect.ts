import { release } from 'node:os';
import type { StateName } from '../../src/flow/words.ts';
import type { Place } from './network.ts';
import type { FlowDefinition, Scenario } from './scenario.ts';
import type { PathStep, SocketTruth, TimeWaitSeen } from './truth.ts';
import type { Truth } from './watch.ts';

// The file beside each capture: what the kernels did, and what a reader of the capture should say.

/** One connection. Times in epoch microseconds, by the kernels. */
export interface ExpectedFlow {
  client_ip: string;
  client_port: number;
  server_ip: string;
  server_port: number;
  close_kind: FlowDefinition['close_kind'];
  closed_first: FlowDefinition['closed_first'];
  client_path: PathStep[];
  server_path: PathStep[];
  wire?: FlowDefinition['wire'];
}

/** A TIME_WAIT as the socket table of its holder showed it. */
export interface ExpectedTimeWait extends TimeWaitSeen {
  endpoint: 'client' | 'server';
  ip: string;
  port: number;
  peer_ip: string;
  peer_port: number;
}

export interface Expectation {
  file: string;
  phenomenon: string;
  see: string;
  captured_at: Place;
  format: string;
  frames: number;
  kernel: string;
  /** When the kernels were last looked at. */
  until_us: number;
  flows: ExpectedFlow[];
  time_waits: ExpectedTimeWait[];
}

/** A connection's two sockets; the server may never have made one. */
export interface Pair {
  client: SocketTruth;
  server: SocketTruth | undefined;
}

/** Puts the sockets of a lab together to connections, in order of connecting. */
export function pairSockets(sockets: readonly SocketTruth[]): Pair[] {
  const pairs: Pair[] = [];
  for (const socket of sockets) {
    if (socket.side === 'client') {
      pairs.push({ client: socket, server: undefined });
      continue;
    }
    const caller = pairs.findLast(({ client }) => isPeer(client, socket));
    if (caller !== undefined && caller.server === undefined) caller.server = socket;
  }
  return pairs;
}

function isPeer(a: SocketTruth, b: SocketTruth): boolean {
  const [to, from] = [a.remote, a.local];
  return (
    to.port === b.local.port && from.port === b.remote.port && to.ip === b.local.ip && from.ip === b.remote.ip
  );
}

/** The states of a path, without times. */
export function statesOf(path: readonly PathStep[]): StateName[] {
  return path.map(({ state }) => state);
}

/** What the kernels did otherwise than the scenario defines; empty if the recording shows its phenomenon. */
export function contradictions(scenario: Scenario, truth: Pick<Truth, 'sockets' | 'until_us'>): string[] {
  const pairs = pairSockets(truth.sockets);
  const wrong: string[] = [];
  if (pairs.length !== scenario.flows.length) {
    wrong.push(`${pairs.length} connections, not ${scenario.flows.length}`);
  }
  for (const [i, flow] of scenario.flows.entries()) {
    for (const side of ['client', 'server'] as const) {
      const went = statesOf(pairs[i]?.[side]?.path ?? []).join(' ') || 'no socket';
      const should = flow[side].join(' ') || 'no socket';
      if (went !== should) wrong.push(`connection ${i + 1}, ${side}: ${went}, not ${should}`);
    }
  }
  return wrong;
}

/** Makes the expectation of one capture. */
export function expectationOf(
  scenario: Scenario,
  truth: Truth,
  capture: { file: string; at: Place; frames: number },
): Expectation {
  const flows = pairSockets(truth.sockets).map(({ client, server }, i): ExpectedFlow => {
    const { close_kind, closed_first, wire } = scenario.flows[i]!;
    return {
      client_ip: client.local.ip,
      client_port: client.local.port,
      server_ip: client.remote.ip,
      server_port: client.remote.port,
      close_kind,
      closed_first,
      client_path: client.path,
      server_path: server?.path ?? [],
      ...(wire === undefined ? {} : { wire }),
    };
  });
  return {
    file: capture.file,
    phenomenon: scenario.phenomenon,
    see: scenario.see,
    captured_at: capture.at,
    format: scenario.format ?? 'pcap',
    frames: capture.frames,
    kernel: `Linux ${/^[\d.]+/.exec(release())?.[0] ?? release()}`,
    until_us: truth.until_us,
    flows,
    time_waits: truth.sockets.flatMap(({ side, local, remote, time_wait }) =>
      time_wait === undefined
        ? []
        : [
            {
              endpoint: side,
              ip: local.ip,
              port: local.port,
              peer_ip: remote.ip,
              peer_port: remote.port,
              ...time_wait,
            },
          ],
    ),
  };
}
