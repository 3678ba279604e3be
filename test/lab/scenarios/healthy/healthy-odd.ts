import { CLIENT_FIRST, flow, request, type Scenario, SERVER_FIRST } from '../scenario.ts';
import { client, pause, router, type Step, server } from '../steps.ts';

// Nothing is wrong here either, though it may look so.

const FOUR = ['a', 'b', 'c', 'd'];
const OPEN = flow('open', null, [], []);
/** A flow whose handshake came before the capture. */
const midway = ({ client, server, ...rest }: typeof CLIENT_FIRST): typeof CLIENT_FIRST => ({
  ...rest,
  client,
  server,
  wire: { client: client.slice(1), server: server.slice(1), why: 'the capture began after the handshake' },
});

export const HEALTHY_ODD: Scenario[] = [
  {
    name: 'healthy/goodbye-after-fin',
    phenomenon: 'the server closes connections that were idle for 1 s; clients say good-bye to it and close',
    see: 'up to 24 bytes after the FIN, with the FIN of the client right behind: an RST answers them, and nothing is lost',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'idle', closesAfter: [1] }),
      client.visits({ count: 8, rate: 8, answer: 400, closes: 'second', farewell: 24 }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...SERVER_FIRST, count: [0, 8] },
      { ...flow('fin-reset', 'server', ['CLOSE_WAIT', 'CLOSED'], ['FIN_WAIT_1', 'CLOSED']), count: [0, 8] },
      {
        ...flow('fin-reset', 'server', ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'], ['FIN_WAIT_1', 'CLOSED']),
        count: [0, 8],
      },
      {
        ...flow(
          'fin-reset',
          'server',
          ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'],
          ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
        ),
        count: [0, 8],
      },
      {
        ...flow('fin-reset', 'server', ['CLOSE_WAIT', 'CLOSED'], ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED']),
        count: [0, 8],
      },
    ],
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
    name: 'healthy/fin-probes',
    phenomenon: 'the server closes behind its answer, and the clients delay their ACK of both',
    see: 'the FIN again some milliseconds later, a tail-loss probe (RFC 8985); a D-SACK reports that it had arrived',
    at: 'server',
    steps: FOUR.flatMap((conn): Step[] => [
      client.connect({}, conn),
      server.accept({}, conn),
      ...[1, 2, 3, 4].flatMap((n): Step[] => [
        client.send(120, conn),
        server.receives(120 * n, conn),
        server.send(400, conn),
        ...(n < 4 ? [client.receives(400 * n, conn)] : []),
      ]),
      server.close(conn),
      client.seesEnd(conn),
      pause(0.3),
      client.close(conn),
    ]),
    flows: FOUR.map(() => SERVER_FIRST),
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
  {
    name: 'healthy/both-sides-of-nat',
    phenomenon: 'three connections on all devices of a router that hides the client (SNAT)',
    see: 'every segment twice, with two addresses of the client: each connection was captured on both sides of a NAT',
    at: 'router',
    any: true,
    network: { nat: true },
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      client.visits({ count: 3, rate: 10, answer: 400, closes: 'answered' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 3 }],
    findings: [],
  },
];
