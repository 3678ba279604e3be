import { release } from 'node:os';
import type { StateName } from '../../../src/flow/format/words.ts';
import type { Place } from '../network/network.ts';
import type { PathStep, SocketTruth, TimeWaitSeen } from '../truth/truth.ts';
import type { Truth } from '../truth/watch.ts';
import type { CrowdDefinition, ExpectedFinding, FlowDefinition, Scenario } from './scenario.ts';

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

/** Connections that went the same way, of a capture that has too many to name each. */
export type ExpectedCrowd = FlowDefinition & { count: number };

/** A TIME_WAIT as the socket table of its holder showed it. */
export interface ExpectedTimeWait extends TimeWaitSeen {
  endpoint: 'client' | 'server';
  ip: string;
  port: number;
  peer_ip: string;
  peer_port: number;
}

/** A capture's file `*.expect.json`. Times in epoch microseconds. */
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
  /** Kernel settings other than the default, by address. */
  sysctl?: Record<string, Record<string, string>>;
  /** When the client's kernel first had no port left for connect() (EADDRNOTAVAIL). */
  exhausted_us?: number;
  findings: ExpectedFinding[];
  flows: ExpectedFlow[];
  crowd?: ExpectedCrowd[];
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
  if (scenario.crowd !== undefined)
    return crowdContradictions(
      scenario.crowd.filter(({ unwatched }) => !unwatched),
      pairs,
    );
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

function crowdContradictions(crowd: readonly CrowdDefinition[], pairs: readonly Pair[]): string[] {
  const wayOf = (client: readonly StateName[], server: readonly StateName[]): string =>
    `client ${client.join(' ') || 'no socket'}; server ${server.join(' ') || 'no socket'}`;
  const went = new Map<string, number>(crowd.map(({ client, server }) => [wayOf(client, server), 0]));
  for (const { client, server } of pairs) {
    const way = wayOf(statesOf(client.path), statesOf(server?.path ?? []));
    went.set(way, (went.get(way) ?? 0) + 1);
  }
  const counts = new Map(crowd.map(({ client, server, count }) => [wayOf(client, server), count]));
  return [...went].flatMap(([way, connections]) => {
    const count = counts.get(way) ?? 0;
    const [least, most] = typeof count === 'number' ? [count, count] : count;
    if (connections >= least && connections <= most) return [];
    return [`${connections} connections, not ${least === most ? least : `${least} to ${most}`}: ${way}`];
  });
}

/** Makes the expectation of one capture. */
export function expectationOf(
  scenario: Scenario,
  truth: Truth,
  capture: {
    file: string;
    at: Place;
    frames: number;
    measured: Pick<Expectation, 'sysctl' | 'exhausted_us'>;
  },
): Expectation {
  const pairs = pairSockets(truth.sockets);
  const { crowd } = scenario;
  return {
    file: capture.file,
    phenomenon: scenario.phenomenon,
    see: scenario.see,
    captured_at: capture.at,
    format: scenario.format ?? 'pcap',
    frames: capture.frames,
    kernel: `Linux ${/^[\d.]+/.exec(release())?.[0] ?? release()}`,
    until_us: truth.until_us,
    ...capture.measured,
    findings: scenario.findings,
    flows: crowd === undefined ? pairs.map((pair, i) => expectedFlow(pair, scenario.flows[i]!)) : [],
    ...(crowd === undefined ? {} : { crowd: expectedCrowd(crowd, pairs) }),
    time_waits: crowd === undefined ? truth.sockets.flatMap(expectedTimeWait) : [],
  };
}

function expectedFlow({ client, server }: Pair, definition: FlowDefinition): ExpectedFlow {
  const { close_kind, closed_first, wire } = definition;
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
}

function expectedCrowd(crowd: readonly CrowdDefinition[], pairs: readonly Pair[]): ExpectedCrowd[] {
  const same = (states: readonly StateName[], path: readonly PathStep[]): boolean =>
    states.join() === statesOf(path).join();
  return crowd
    .map((way) => ({
      ...way,
      count: way.unwatched
        ? Number(way.count)
        : pairs.filter(
            ({ client, server }) => same(way.client, client.path) && same(way.server, server?.path ?? []),
          ).length,
    }))
    .filter(({ count }) => count > 0);
}

function expectedTimeWait({ side, local, remote, time_wait }: SocketTruth): ExpectedTimeWait[] {
  if (time_wait === undefined) return [];
  const ends = { ip: local.ip, port: local.port, peer_ip: remote.ip, peer_port: remote.port };
  return [{ endpoint: side, ...ends, ...time_wait }];
}
