import { CLIENT_FIRST, clientThenServer, flow, request, type Scenario } from './scenario.ts';
import { client, pause, router, type Step, server } from './steps.ts';

// Hosts that vanish without a word, and hosts of which that matters to nobody.

const FOUR = ['a', 'b', 'c', 'd'];
const OPEN = flow('open', null, [], []);

/** A connection that is quiet for 1 or 8 s, where the box ends it after 5 s. */
const QUIET = { count: 12, rate: 8, requests: 2, answer: 400, pauses: [1, 8], patience: 4 };
const ended = (at: 'client' | 'server' | 'router', closedFirst: 'client' | 'server'): Scenario => ({
  name: `causes/idle-timer-${at}`,
  phenomenon: 'a box ends connections that are idle for 5 s by an RST to each end, in the name of the other',
  see:
    at === 'router'
      ? 'two RSTs at one instant, one in the name of each end, after 5 s of silence; neither end has sent one'
      : `an RST in the name of the ${closedFirst} that nothing came before, after 5 s of silence`,
  at,
  ...(at === 'router' && { any: true }),
  steps: [
    router.resetsIdle(5),
    server.serves(9001, { answer: 400, closes: 'second' }),
    client.visits({ ...QUIET, closes: 'answered' }),
    pause(0.5),
  ],
  flows: [],
  crowd: [
    { ...CLIENT_FIRST, count: 6 },
    { ...flow('reset', closedFirst, ['CLOSED'], ['CLOSED']), count: 6 },
  ],
  findings: [{ code: 'idle-middlebox', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
});

export const VANISHING: Scenario[] = [
  {
    name: 'causes/peer-gone',
    phenomenon:
      "the server's link goes down while four connections are in use; the client tries to connect again",
    see: 'the same requests again at doubled intervals, and nothing of the server any more: no ACK, no FIN, no RST',
    at: 'client',
    steps: [
      ...FOUR.flatMap((conn) => request(conn)),
      router.unplugs('server'),
      ...FOUR.map((conn) => client.send(120, conn)),
      pause(1.5),
      client.connect({ wait: false }, 'new'),
      pause(6),
    ],
    flows: [
      ...FOUR.map(() => OPEN),
      { close_kind: 'unanswered', closed_first: null, client: ['SYN_SENT'], server: [] },
    ],
    findings: [{ code: 'peer-gone', subject: '10.9.2.2' }],
  },
  {
    name: 'causes/peer-gone-route',
    phenomenon: 'the route to the client is withdrawn while the server answers four connections',
    see: 'the same answers again at doubled intervals; ICMP 3/0 of the router quotes them, and ends nothing',
    at: 'server',
    steps: [
      ...FOUR.flatMap((conn) => request(conn)),
      router.withdraws('client'),
      ...FOUR.map((conn) => server.send(400, conn)),
      pause(6),
    ],
    flows: FOUR.map(() => OPEN),
    findings: [{ code: 'peer-gone', subject: '10.9.1.2' }],
  },
  {
    name: 'causes/peer-gone-answered',
    phenomenon:
      'a box on the way loses four connections in use, and drops what is theirs; new ones are opened',
    see: 'the same requests again at doubled intervals, and nothing of the server in these, while it answers others',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      ...FOUR.flatMap((conn) => request(conn)),
      router.drop({ from: 'client', flags: 'any', port: 8080 }),
      router.drop({ from: 'server', flags: 'any', port: 8080 }),
      ...FOUR.map((conn) => client.send(120, conn)),
      pause(2),
      client.visits({ count: 4, rate: 2, answer: 400, closes: 'answered' }),
      pause(3),
    ],
    flows: [],
    crowd: [
      { ...OPEN, count: 4 },
      { ...CLIENT_FIRST, count: 4 },
    ],
    findings: [{ code: 'peer-gone', subject: '10.9.2.2' }],
  },
  ended('client', 'server'),
  ended('server', 'client'),
  ended('router', 'server'),
  {
    name: 'healthy/off-after-close',
    phenomenon: "the server's link goes down after all connections are closed",
    see: 'four closes that are complete; nobody waits for anything',
    at: 'client',
    steps: [
      ...FOUR.flatMap((conn): Step[] => [...request(conn), ...clientThenServer(conn)]),
      router.unplugs('server'),
      pause(4),
    ],
    flows: FOUR.map(() => CLIENT_FIRST),
    findings: [],
  },
  {
    name: 'healthy/comes-back',
    phenomenon:
      "the server's link is down for 4 s, as of a phone in a tunnel, while four connections are in use",
    see: 'requests sent again five times and more, and acknowledged in the end: nothing is lost',
    at: 'client',
    steps: [
      ...FOUR.flatMap((conn) => request(conn)),
      router.unplugs('server'),
      ...FOUR.map((conn) => client.send(120, conn)),
      pause(4),
      router.plugsIn('server'),
      ...FOUR.flatMap((conn): Step[] => [
        server.receives(240, conn),
        server.send(400, conn),
        client.receives(800, conn),
        ...clientThenServer(conn),
      ]),
    ],
    flows: FOUR.map(() => CLIENT_FIRST),
    findings: [],
  },
];
