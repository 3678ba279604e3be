import { describe, expect, it } from 'vitest';
import { contradictions, pairSockets } from './scenarios/expect.ts';
import type { Scenario } from './scenarios/scenario.ts';
import type { SocketTruth } from './truth/truth.ts';

const client = (port: number, ...path: SocketTruth['path']): SocketTruth => ({
  side: 'client',
  local: { ip: '10.9.1.2', port },
  remote: { ip: '10.9.2.2', port: 8080 },
  path,
});
const server = (port: number, ...path: SocketTruth['path']): SocketTruth => ({
  side: 'server',
  local: { ip: '10.9.2.2', port: 8080 },
  remote: { ip: '10.9.1.2', port },
  path,
});

it('pairs the sockets of concurrent connections by their addresses', () => {
  const [a, b, serverB, serverA] = [client(1), client(2), server(2), server(1)];
  expect(pairSockets([a, b, serverB, serverA])).toEqual([
    { client: a, server: serverA },
    { client: b, server: serverB },
  ]);
});

it('pairs a server with the latest client of a port that is used again', () => {
  const [first, refused, third] = [client(1), client(1), client(1)];
  const [served, servedAgain] = [server(1), server(1)];
  expect(pairSockets([first, served, refused, third, servedAgain]).map((pair) => pair.server)).toEqual([
    served,
    undefined,
    servedAgain,
  ]);
});

const scenario: Scenario = {
  name: 'test',
  phenomenon: '',
  see: '',
  at: 'client',
  steps: [],
  flows: [{ close_kind: 'unanswered', closed_first: null, client: ['SYN_SENT'], server: [] }],
  findings: [],
};

it('accepts a recording that shows its phenomenon', () => {
  const sockets = [client(1, { state: 'SYN_SENT', at_us: 1 })];
  expect(contradictions(scenario, { sockets, until_us: 2 })).toEqual([]);
});

it('names the endpoint whose kernel went another way', () => {
  const sockets = [
    client(1, { state: 'SYN_SENT', at_us: 1 }, { state: 'ESTABLISHED', at_us: 2 }),
    server(1, { state: 'SYN_RECEIVED', by_us: 2 }),
  ];
  expect(contradictions(scenario, { sockets, until_us: 3 })).toEqual([
    'connection 1, client: SYN_SENT ESTABLISHED, not SYN_SENT',
    'connection 1, server: SYN_RECEIVED, not no socket',
  ]);
});

describe('a crowd', () => {
  const crowd: Scenario = {
    ...scenario,
    flows: [],
    crowd: [
      { close_kind: 'unanswered', closed_first: null, client: ['SYN_SENT'], server: [], count: [2, 3] },
    ],
  };
  const waiting = (port: number): SocketTruth => client(port, { state: 'SYN_SENT', at_us: port });
  const wrong = (...sockets: SocketTruth[]): string[] => contradictions(crowd, { sockets, until_us: 9 });

  it.each([
    ['the least', [1, 2], []],
    ['the most', [1, 2, 3], []],
    ['too few', [1], ['1 connections, not 2 to 3: client SYN_SENT; server no socket']],
    ['too many', [1, 2, 3, 4], ['4 connections, not 2 to 3: client SYN_SENT; server no socket']],
  ])('has %s of a way', (_, ports, contradiction) => {
    expect(wrong(...ports.map(waiting))).toEqual(contradiction);
  });

  it('goes no way that is not named', () => {
    const astray = client(3, { state: 'SYN_SENT', at_us: 1 }, { state: 'CLOSED', at_us: 2 });
    expect(wrong(waiting(1), waiting(2), astray)).toEqual([
      '1 connections, not 0: client SYN_SENT CLOSED; server no socket',
    ]);
  });
});

it('misses a connection', () => {
  expect(contradictions(scenario, { sockets: [], until_us: 3 })).toContain('0 connections, not 1');
});
