import { CLIENT_FIRST, flow, type Scenario } from './scenario.ts';
import { client, pause, router, type Step, server, together } from './steps.ts';

// Causes: programs that do not close, close late, or do not even accept.

const LEAK = flow('half', 'client', ['FIN_WAIT_1', 'FIN_WAIT_2'], ['CLOSE_WAIT']);

/** Ten connections, twelve while the server hangs with room for four, and ten more. */
const overflow = ({ rate, kbit }: { rate: number; kbit?: number }): Step[] => [
  server.serves(9001, { answer: 400, closes: 'second', backlog: 4 }),
  client.visits({ count: 10, rate: 10, answer: 400, closes: 'answered' }),
  pause(0.2),
  ...(kbit === undefined ? [] : [router.slow(kbit)]),
  server.hangs(),
  together(client.visits({ count: 12, rate, answer: 400, closes: 'answered' }), [
    pause(2.5),
    server.goesOn(),
  ]),
  client.visits({ count: 10, rate: 5, answer: 400, closes: 'answered' }),
  pause(0.3),
];
const OVERFLOWN = [{ ...CLIENT_FIRST, count: 32 }];

export const LEAKS: Scenario[] = [
  {
    name: 'causes/close-wait-missing-close',
    phenomenon: 'a server that forgets close() on every fifth connection',
    see: 'most are closed within milliseconds, twenty stand in CLOSE_WAIT to the end',
    at: 'server',
    format: 'pcap+gzip',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', forgetsEvery: 5 }),
      client.visits({ count: 100, rate: 2, answer: 400, closes: 'answered' }),
      pause(5),
      client.visits({ count: 1, rate: 1, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 81 },
      { ...LEAK, count: 20 },
    ],
    findings: [
      { code: 'close-wait-leak', subject: '10.9.2.2:9001' },
      { code: 'time-wait-harmless', subject: '10.9.1.2' },
    ],
  },
  {
    name: 'causes/close-wait-slow-handler',
    phenomenon:
      'clients end their direction after the request; the server works on it for 8 to 12 s before it answers and closes',
    see: 'data out of CLOSE_WAIT, then the FIN',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, answersAfter: [8, 9, 10, 11, 12], closes: 'second' }),
      client.visits({ count: 15, rate: 2, answer: 0, closes: 'answered', how: 'shutdown' }),
      pause(13),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 15 }],
    findings: [{ code: 'close-wait-leak', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/close-wait-full-backlog',
    phenomenon: 'the server hangs: connections wait in its backlog, and their clients give up after 2 s',
    see: 'the kernel acknowledges each request, the program sends no byte',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', backlog: 64 }),
      server.hangs(),
      client.visits({ count: 20, rate: 5, answer: 400, patience: 2, closes: 'answered' }),
      pause(2),
    ],
    flows: [],
    crowd: [{ ...LEAK, count: 20 }],
    findings: [{ code: 'close-wait-leak', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/backlog-overflow',
    phenomenon: 'twelve connections to a server that hangs for 2.5 s with a backlog of 4',
    see: 'SYNs without answer, sent again until the server goes on, beside connections that are accepted',
    at: 'server',
    steps: overflow({ rate: 500 }),
    flows: [],
    crowd: OVERFLOWN,
    findings: [{ code: 'backlog-overflow', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/backlog-overflow-last-ack',
    phenomenon:
      'the same with twelve connections at once on a slow link: all SYNs come before the first third ACK',
    see: 'third ACKs and data are ignored and SYN-ACKs sent again (tcp_abort_on_overflow 0): the clients are ESTABLISHED, the server is not',
    at: 'server',
    steps: overflow({ rate: 5000, kbit: 100 }),
    flows: [],
    crowd: OVERFLOWN,
    findings: [{ code: 'backlog-overflow', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/fin-wait-2-orphans',
    phenomenon:
      'clients close, and their kernel gives up FIN_WAIT_2 after 5 s (tcp_fin_timeout 5); the server closes after 7 s',
    see: "the server's FIN is answered by RST, about tcp_fin_timeout after the client's",
    at: 'client',
    network: { sysctls: { client: { 'net.ipv4.tcp_fin_timeout': '5' } } },
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', closesAfter: [7] }),
      client.visits({ count: 10, rate: 2, answer: 400, closes: 'answered' }),
      pause(8),
    ],
    flows: [],
    crowd: [
      {
        ...flow(
          'fin-reset',
          'client',
          ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
          ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'],
        ),
        count: 10,
      },
    ],
    findings: [
      { code: 'fin-wait-2-stuck', subject: '10.9.1.2 -> 10.9.2.2:9001' },
      { code: 'close-wait-leak', subject: '10.9.2.2:9001' },
    ],
  },
  {
    name: 'causes/fin-wait-2-shutdown',
    phenomenon: 'clients call shutdown() and never close(), and the server does not close either',
    see: 'FIN_WAIT_2 for more than 60 s: keep-alive probes are still answered, so a program still holds the socket',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'never', keepAlive: 15 }),
      client.visits({ count: 6, rate: 3, answer: 400, closes: 'answered', how: 'shutdown' }),
      pause(66),
    ],
    flows: [],
    crowd: [{ ...LEAK, count: 6 }],
    findings: [
      { code: 'fin-wait-2-stuck', subject: '10.9.1.2 -> 10.9.2.2:9001' },
      { code: 'close-wait-leak', subject: '10.9.2.2:9001' },
    ],
  },
  {
    name: 'causes/capture-holes',
    phenomenon: 'ten connections, captured with a filter on SYN, FIN and RST',
    see: 'no bare ACK: which states the FINs led to is not shown',
    at: 'client',
    filter: 'tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 10, rate: 10, answer: 400, closes: 'answered' }),
      pause(0.5),
    ],
    flows: [],
    crowd: [
      {
        ...CLIENT_FIRST,
        close_kind: 'fin-unacked',
        count: 10,
        wire: {
          client: ['SYN_SENT', 'ESTABLISHED', 'FIN_WAIT_1', 'UNKNOWN'],
          server: ['SYN_RECEIVED', 'ESTABLISHED', 'CLOSE_WAIT', 'UNKNOWN'],
          why: 'an ACK shows what became of the second FIN',
        },
      },
    ],
    findings: [{ code: 'capture-holes', subject: 'capture-holes.pcap' }],
  },
];
