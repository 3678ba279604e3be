import { CLIENT_FIRST, flow, request, type Scenario, SERVER_FIRST } from '../scenario.ts';
import { client, pause, router, type Step, server } from '../steps.ts';

// Nothing is wrong here, and nothing may be found.

const FOUR = ['a', 'b', 'c', 'd'];
const OPEN = flow('open', null, [], []);
/** A flow whose handshake came before the capture. */
const midway = ({ client, server, ...rest }: typeof CLIENT_FIRST): typeof CLIENT_FIRST => ({
  ...rest,
  client,
  server,
  wire: { client: client.slice(1), server: server.slice(1), why: 'the capture began after the handshake' },
});

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
    name: 'healthy/close-notify-reset',
    phenomenon:
      'the server says good-bye (as TLS does by close_notify) and closes; clients close without having read that',
    see: 'RST after a complete exchange and after the FIN: nothing is lost but the good-bye',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'idle', closesAfter: [1], farewell: 24 }),
      client.visits({ count: 8, rate: 4, answer: 400, closes: 'answered', closesAfter: 1.2, deaf: true }),
      client.visits({ count: 8, rate: 4, requests: 2, pauses: [0.2], answer: 400, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST, count: 8 },
      {
        ...flow('fin-reset', 'server', ['CLOSE_WAIT', 'CLOSED'], ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED']),
        count: 8,
      },
    ],
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
  {
    name: 'healthy/cut-short',
    phenomenon: 'the capture ends in the middle of things',
    see: 'four closes that are not complete, an answer and a SYN-ACK that are still to come: none of it is old',
    at: 'server',
    steps: [
      ...FOUR.flatMap((conn) => request(conn)),
      ...request('open'),
      ...FOUR.map((conn) => client.close(conn)),
      client.send(120, 'open'),
      server.receives(240, 'open'),
      router.drop({ from: 'server', flags: 'syn-ack' }),
      client.connect({ wait: false }, 'opening'),
    ],
    flows: [
      ...FOUR.map(() => flow('half', 'client', ['FIN_WAIT_1', 'FIN_WAIT_2'], ['CLOSE_WAIT'])),
      OPEN,
      {
        close_kind: 'open',
        closed_first: null,
        client: ['SYN_SENT'],
        server: [],
        wire: {
          client: ['SYN_SENT'],
          server: ['SYN_RECEIVED'],
          why: 'the kernel has a socket only after the third ACK',
        },
      },
    ],
    findings: [],
  },
  {
    name: 'healthy/lossy-data',
    phenomenon: 'one of twelve segments with data is lost on the way',
    see: 'data sent again; opening and close are not touched',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 1400, closes: 'second' }),
      router.drop({ from: 'both', flags: 'data', percent: 8 }),
      client.visits({ count: 10, rate: 5, requests: 12, pauses: [0.05], answer: 1400, closes: 'answered' }),
      pause(1),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 10 }],
    findings: [],
  },
  {
    name: 'healthy/begins-midway',
    phenomenon: 'the capture begins when four connections are open already',
    see: 'requests without a handshake, then ordinary closes',
    at: 'client',
    before: FOUR.flatMap((conn) => request(conn)),
    steps: FOUR.flatMap((conn): Step[] => [
      client.send(120, conn),
      server.receives(240, conn),
      server.send(400, conn),
      client.receives(800, conn),
      client.close(conn),
      server.seesEnd(conn),
      pause(0.05),
      server.close(conn),
    ]),
    flows: [],
    crowd: [{ ...midway(CLIENT_FIRST), count: 4 }],
    findings: [],
  },
];
