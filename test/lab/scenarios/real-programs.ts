import {
  asks,
  haproxy,
  nginxProxy,
  nginxReload,
  nginxServer,
  nodeServer,
  python,
  type RealProgram,
  SERVER,
} from '../programs/real.ts';
import { CLIENT_FIRST, type FlowDefinition, flow, type Scenario, SERVER_FIRST } from './scenario.ts';
import { client, pause, router, type Step, server, together } from './steps.ts';

// The programs that most people run, with settings that many have.

const PROXIES = [8001, 8002, 8003, 8004, 8005, 8006, 8007, 8008];
const AT = `${SERVER}:9001`;

/** The next request has crossed the FIN, and meets an RST. */
const LOST = flow('fin-reset', 'server', ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'], ['FIN_WAIT_1', 'CLOSED']);

/** A check that haproxy ends by RST as soon as the handshake is done, and one that has got an answer. */
const CHECKED: FlowDefinition = {
  close_kind: 'reset',
  closed_first: 'client',
  client: ['SYN_SENT', 'ESTABLISHED', 'CLOSED'],
  server: [],
  wire: {
    client: ['SYN_SENT', 'ESTABLISHED', 'CLOSED'],
    server: ['SYN_RECEIVED', 'CLOSED'],
    why: 'the server had no socket of it but a request in its queue, which its kernel does not trace',
  },
};
const ANSWERED_CHECK = flow('reset', 'client', ['CLOSED'], ['CLOSED']);
const OPEN = flow('open', null, [], []);

/** A server in Node.js closes idle connections; its FINs are held on the way as the proxy uses them again. */
const crossing = (proxy: RealProgram): Step[] => [
  // Node.js adds a second.
  server.runs(nodeServer(9001, { keepAliveMs: 500 })),
  client.runs(proxy),
  together(client.runs(asks(PROXIES, [1505])), [
    pause(1.48),
    router.slow(8),
    pause(0.08),
    router.slow(10_000),
  ]),
  pause(2),
];
const CROSSED = [
  { ...LOST, count: [5, 8] },
  { ...SERVER_FIRST, count: [1, 11] },
] satisfies Scenario['crowd'];

/** A Python client with as many connections, that asks on each of them, and then does this. */
const pool = (connections: number, then: string): RealProgram =>
  python(`import http.client, time
def ask(connection):
    connection.request("GET", "/")
    connection.getresponse().read()
pool = [http.client.HTTPConnection("${SERVER}", 9001) for _ in range(${connections})]
for connection in pool: ask(connection)
${then}
`);

export const REAL_PROGRAMS: Scenario[] = [
  {
    name: 'causes/keep-alive-race-nginx',
    phenomenon:
      'nginx keeps connections to a Node.js server that closes idle ones after 1.5 s, and uses them as it does so',
    see: 'the request crosses the FIN and is answered by RST: nginx answers 502',
    at: 'client',
    steps: crossing(nginxProxy(PROXIES, AT)),
    flows: [],
    crowd: CROSSED,
    findings: [{ code: 'keep-alive-race', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/keep-alive-race-haproxy',
    phenomenon: 'the same with haproxy, which reuses connections of all its clients (http-reuse always)',
    see: 'the request crosses the FIN and is answered by RST: haproxy logs SH, and answers 502',
    at: 'server',
    steps: crossing(haproxy(PROXIES, AT)),
    flows: [],
    crowd: CROSSED,
    findings: [{ code: 'keep-alive-race', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/client-gave-up-nginx',
    phenomenon:
      'nginx waits for an answer for 1 s (proxy_read_timeout); a Node.js server needs 1.5 s for some, on connections in use',
    see: 'on each connection answers, then a request, and 1 s later the FIN: nginx answers 504',
    at: 'client',
    steps: [
      server.runs(nodeServer(9001, { slowMs: 1500 })),
      client.runs(nginxProxy(PROXIES, AT, '1s')),
      client.runs(asks(PROXIES, [50, 50])),
      client.runs(asks(PROXIES, [], '/slow')),
      pause(1),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 8 }],
    findings: [{ code: 'client-gave-up', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/close-wait-python-pool',
    phenomenon:
      'a Python client forgets the connections of its pool; a Node.js server has closed them after 1.5 s',
    see: 'FINs of the server, acknowledged, and none of the client for more than a minute: then RST answers them',
    at: 'client',
    steps: [
      server.runs(nodeServer(9001, { keepAliveMs: 500 })),
      client.runs(pool(6, 'time.sleep(66)')),
      pause(1),
    ],
    flows: [],
    crowd: [
      {
        ...flow(
          'fin-reset',
          'server',
          ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'],
          ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
        ),
        count: 6,
      },
    ],
    findings: [
      { code: 'close-wait-leak', subject: '10.9.1.2 -> 10.9.2.2:9001' },
      { code: 'fin-wait-2-stuck', subject: '10.9.1.2 -> 10.9.2.2:9001' },
    ],
  },
  {
    name: 'healthy/python-pool',
    phenomenon:
      'a Python client uses its connections three times, and closes them before a Node.js server would',
    see: 'FINs of the client, each soon after the last answer',
    at: 'server',
    steps: [
      server.runs(nodeServer(9001)),
      client.runs(
        pool(
          8,
          `for _ in range(2):
    time.sleep(0.3)
    for connection in pool: ask(connection)
for connection in pool: connection.close()`,
        ),
      ),
      pause(0.5),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 8 }],
    findings: [],
  },
  {
    name: 'healthy/nginx-reload',
    phenomenon:
      'nginx is reloaded while clients keep connections to it: its old worker closes those that are idle',
    see: 'FINs of the server at one instant, answered by FINs',
    at: 'client',
    steps: [
      server.runs(nginxServer(9001)),
      together(client.runs(pool(6, 'time.sleep(1)')), [pause(0.7), server.runs(nginxReload())]),
      client.runs(pool(6, '')),
      pause(0.5),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST, count: 6 },
      { ...CLIENT_FIRST, count: 6 },
    ],
    findings: [],
  },
  {
    name: 'healthy/haproxy-checks',
    phenomenon:
      'haproxy looks every 0.3 s whether a Node.js server is there, and passes requests to it meanwhile',
    see: 'connections that haproxy ends by RST once they are open, and without data: its checks',
    at: 'server',
    steps: [
      server.runs(nodeServer(9001)),
      client.runs(haproxy([8001], AT, { mode: 'tcp', checks: 'tcp' })),
      client.runs(asks([8001], [200, 200, 200, 200, 200])),
      pause(0.5),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST, count: [3, 6] },
      { ...CLIENT_FIRST, count: [0, 3] },
      { ...CHECKED, count: [4, 10] },
    ],
    findings: [],
  },
  {
    name: 'healthy/haproxy-http-checks',
    phenomenon: 'the same in mode http, with checks that ask for a page (option httpchk)',
    see: 'checks with a request and its answer; requests share one connection',
    at: 'server',
    steps: [
      server.runs(nodeServer(9001)),
      client.runs(haproxy([8001], AT, { checks: 'http' })),
      client.runs(asks([8001], [200, 200, 200, 200, 200])),
      pause(0.5),
    ],
    flows: [],
    crowd: [
      { ...ANSWERED_CHECK, count: [4, 10] },
      { ...OPEN, count: 1 },
    ],
    findings: [],
  },
];
