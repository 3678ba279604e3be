import {
  CLIENT_FIRST,
  flow,
  REFUSED,
  type Scenario,
  SERVER_FIRST,
  SERVER_FIRST_AND_GONE,
  UNANSWERED,
} from './scenario.ts';
import { client, pause, router, server, together } from './steps.ts';

// Connections that open late or not at all, one by one.

const OPEN = flow('open', null, [], []);
/** Fifteen ports in turn, each again after three seconds. */
const ROUND = { count: 45, cycle: 15, rate: 5, answer: 400 };

export const OPENINGS: Scenario[] = [
  {
    name: 'causes/opened-late-reused',
    phenomenon: 'a box on the way drops the first SYN on each port that was used before, as IPVS may',
    see: 'thirty connections on ports used before open after a second, fifteen on fresh ports at once',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'answered' }),
      router.remembers(),
      client.visits({ ...ROUND, closes: 'second' }),
      pause(1.5),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST_AND_GONE, count: 30 },
      { ...SERVER_FIRST, count: 15 },
    ],
    findings: [{ code: 'opened-late', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/opened-late-spread',
    phenomenon: 'something on the way drops one SYN of eight, and nothing else',
    see: 'some connections open after 1, 2 or 3 s, among others that open at once; no data is lost',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      router.drop({ from: 'client', flags: 'syn', percent: 12 }),
      client.visits({ count: 90, rate: 30, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 90 }],
    findings: [{ code: 'opened-late', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/syn-limit',
    phenomenon:
      'a box on the way lets twelve connections to one port stand at once, and drops the SYNs of more',
    see: 'twelve connections stay open, ten SYNs get no answer, and another port of the host opens ten meanwhile',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      server.serves(9002, { answer: 400, closes: 'second' }),
      router.drop({ from: 'client', flags: 'syn', port: 9001, over: 12 }),
      client.visits({ count: 12, rate: 12, answer: 400, closes: 'never' }),
      together(
        client.visits({ count: 10, rate: 4, answer: 400, closes: 'answered', patience: 3.5 }),
        client.visits({ ports: [9002], count: 10, rate: 4, answer: 400, closes: 'answered' }),
      ),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 10 },
      { ...OPEN, count: 12 },
      { ...UNANSWERED, count: 10 },
    ],
    findings: [{ code: 'syn-unanswered', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/syn-flood',
    phenomenon: 'a flood of 300 SYNs from forged addresses, while a client makes twelve connections',
    see: 'SYN, SYN-ACK and the same SYN-ACK again, and never an ACK; the twelve open at once',
    at: 'server',
    format: 'pcap+gzip',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      together(client.visits({ count: 12, rate: 6, answer: 400, closes: 'answered' }), [
        pause(0.5),
        router.floods(9001, 300),
      ]),
      pause(1.5),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 12 },
      {
        close_kind: 'open',
        closed_first: null,
        client: [],
        server: [],
        wire: {
          client: ['SYN_SENT'],
          server: ['SYN_RECEIVED'],
          why: 'nobody has the addresses, and the server makes a socket only at the third ACK',
        },
        count: 300,
        unwatched: true,
      },
    ],
    findings: [{ code: 'syn-flood', subject: '10.9.2.2:9001' }],
  },
];

export const HEALTHY_OPENINGS: Scenario[] = [
  {
    name: 'healthy/ports-reused',
    phenomenon: 'a client connects from fifteen ports in turn, and all open at once',
    see: 'SYNs on ports whose TIME_WAIT the server holds are taken',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'answered' }),
      client.visits({ ...ROUND, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST_AND_GONE, count: 30 },
      { ...SERVER_FIRST, count: 15 },
    ],
    findings: [],
  },
  {
    name: 'healthy/syn-lost',
    phenomenon: 'two bursts of connections; two SYNs of ninety are lost',
    see: 'two connections open after a second, the others at once',
    at: 'client',
    format: 'pcap+gzip',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 45, rate: 200, answer: 400, closes: 'answered' }),
      router.drop({ from: 'client', flags: 'syn', count: 2 }),
      client.visits({ count: 45, rate: 200, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 90 }],
    findings: [],
  },
  {
    name: 'healthy/port-scan',
    phenomenon: 'somebody tries thirty ports of a server that serves one of them',
    see: 'twenty-nine SYNs refused by RST, of one client: information only',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({
        ports: Array.from({ length: 30 }, (_, i) => 9001 + i),
        count: 30,
        rate: 60,
        answer: 400,
        closes: 'answered',
      }),
      client.visits({ count: 10, rate: 10, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 11 },
      { ...REFUSED, count: 3 },
      // Of the services' four ports sockets are watched, of the others not.
      {
        ...REFUSED,
        client: [],
        wire: { client: ['SYN_SENT', 'CLOSED'], server: [], why: 'sockets of other ports are not watched' },
        count: 26,
        unwatched: true,
      },
    ],
    findings: [],
  },
];
