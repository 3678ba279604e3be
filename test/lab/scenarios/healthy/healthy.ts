import { CLIENT_FIRST, flow, type Scenario, SERVER_FIRST } from '../scenario.ts';
import { client, pause, type Step, server } from '../steps.ts';

// Nothing is wrong here, and nothing may be found.

const OPEN = flow('open', null, [], []);

export const HEALTHY: Scenario[] = [
  {
    name: 'healthy/keep-alive',
    phenomenon: 'five clients with keep-alive make ten requests each and close',
    see: 'few closes for many requests',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 5, rate: 5, requests: 10, pauses: [0.2, 0.3], answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 5 }],
    findings: [],
  },
  {
    name: 'healthy/short-connections',
    phenomenon: 'a client without keep-alive that connects twice a second',
    see: 'some TIME_WAITs at the client; 2 x 60 s make 120, for which there is room',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 20, rate: 2, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 20 }],
    findings: [],
  },
  {
    name: 'healthy/idle-closed-by-server',
    phenomenon: 'the server closes keep-alive connections that were idle for 5 s; the clients close at once',
    see: 'the server closes first, but seldom',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'idle', closesAfter: [5] }),
      client.visits({ count: 6, rate: 2, requests: 3, pauses: [0.5, 1], answer: 400, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...SERVER_FIRST, count: 6 }],
    findings: [],
  },
  {
    name: 'healthy/pool',
    phenomenon: 'a pool of eight connections, all in use when the capture ends',
    see: 'no close at all',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 8, rate: 8, requests: 8, pauses: [0.3, 1, 2], answer: 400, closes: 'never' }),
    ],
    flows: [],
    crowd: [{ ...OPEN, count: 8 }],
    findings: [],
  },
  {
    name: 'healthy/parallel-browser',
    phenomenon: 'a browser fetches three pages, each over six connections at once, and closes them',
    see: 'bursts of SYNs, and bursts of FINs',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 1400, closes: 'second', answersAfter: [0.01, 0.03, 0.05] }),
      ...[1, 2, 3].flatMap((): Step[] => [
        client.visits({
          ...{ count: 6, rate: 1000, requests: 3, pauses: [0.05], answer: 1400 },
          ...{ closes: 'answered', closesAfter: 0.2 },
        }),
        pause(1),
      ]),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 18 }],
    findings: [],
  },
  {
    name: 'healthy/health-checks',
    phenomenon: 'a load balancer looks every half second whether the port is open, and closes without a byte',
    see: 'handshake and close; a CLOSE_WAIT of no time',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 12, rate: 2, requests: 0, answer: 0, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 12 }],
    findings: [],
  },
  {
    name: 'healthy/ipv6',
    phenomenon: 'clients of both kinds over IPv6',
    see: 'some close first, some after the server',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }, true),
      server.serves(9002, { answer: 400, closes: 'idle', closesAfter: [1] }, true),
      client.visits({
        ipv6: true,
        count: 6,
        rate: 4,
        requests: 3,
        pauses: [0.2],
        answer: 400,
        closes: 'answered',
      }),
      client.visits({ ipv6: true, ports: [9002], count: 6, rate: 4, answer: 400, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 6 },
      { ...SERVER_FIRST, count: 6 },
    ],
    findings: [],
  },
];
