import { CLIENT_FIRST, flow, request, type Scenario } from './scenario.ts';
import { client, pause, router, type Step, server, together } from './steps.ts';

// Causes: closes that are aborted, lost or crossed, and ends that know nothing of a connection.

const SIX = ['a', 'b', 'c', 'd', 'e', 'f'];
const CLOSING_BOTH = flow(
  'fin',
  'both',
  ['FIN_WAIT_1', 'CLOSING', 'TIME_WAIT'],
  ['FIN_WAIT_1', 'CLOSING', 'TIME_WAIT'],
);

export const DISTURBED: Scenario[] = [
  {
    name: 'causes/aborts-by-server',
    phenomenon: 'the server closes without having read the requests',
    see: "RST and no FIN, from the end that had acknowledged the other's bytes",
    at: 'client',
    steps: [
      server.serves(9001, { answer: 0, closes: 'second', unread: true, closesAfter: [0.1, 0.2, 0.3] }),
      client.visits({ count: 12, rate: 5, answer: 400, closes: 'second' }),
      pause(0.3),
    ],
    flows: [],
    crowd: [{ ...flow('reset', 'server', ['CLOSED'], ['CLOSED']), count: 12 }],
    findings: [{ code: 'aborts', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/aborts-by-client',
    phenomenon:
      'the client aborts (SO_LINGER 0) where an answer takes more than half a second, as two of three do',
    see: 'RST and no FIN, from the end that waits for an answer',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', answersAfter: [0.1, 2, 3] }),
      client.visits({ count: 15, rate: 5, answer: 400, closes: 'answered', givesUp: 'reset', patience: 0.5 }),
      pause(0.3),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 5 },
      { ...flow('reset', 'client', ['CLOSED'], ['CLOSED']), count: 10 },
    ],
    findings: [{ code: 'client-gave-up', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/half-open',
    phenomenon:
      'the server loses all connections at once (its RSTs are lost, as in a power failure), and clients go on later',
    see: 'data, after different times of silence, answered by an RST without ACK: the server has no such socket',
    at: 'client',
    steps: [
      ...SIX.flatMap((conn): Step[] => [...request(conn), pause(0.5)]),
      router.drop({ from: 'server', flags: 'rst' }),
      ...SIX.map((conn) => server.reset(conn)),
      pause(0.2),
      router.pass(),
      ...SIX.flatMap((conn): Step[] => [client.send(120, conn), client.isReset(conn), pause(0.1)]),
    ],
    flows: SIX.map(() => flow('reset', 'server', ['CLOSED'], ['CLOSED'])),
    findings: [{ code: 'half-open', subject: '10.9.2.2:8080' }],
  },
  {
    name: 'causes/simultaneous-close',
    phenomenon: 'six connections that both ends close while a slow link holds both FINs',
    see: 'CLOSING at both ends, and a TIME_WAIT at each',
    at: 'client',
    steps: [
      ...SIX.flatMap((conn) => request(conn)),
      ...SIX.flatMap((conn): Step[] => [
        router.slow(10),
        together(client.shutdown(conn), server.shutdown(conn)),
        pause(0.6),
      ]),
    ],
    flows: SIX.map(() => CLOSING_BOTH),
    findings: [{ code: 'simultaneous-close', subject: '10.9.2.2:8080' }],
  },
  {
    name: 'causes/fin-retransmitted',
    phenomenon: 'the first FINs of the clients are lost beyond the capture point',
    see: 'FINs sent again after 0.2 s, unanswered until one gets through',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second' }),
      router.drop({ from: 'client', flags: 'fin', count: 12 }),
      client.visits({ count: 16, rate: 10, answer: 400, closes: 'answered' }),
      pause(2),
    ],
    flows: [],
    crowd: [{ ...CLIENT_FIRST, count: 16 }],
    findings: [{ code: 'fin-retransmitted', subject: '10.9.1.2 -> 10.9.2.2:9001' }],
  },
  {
    name: 'causes/last-ack-lost',
    phenomenon: 'the last ACK of six connections is lost beyond the capture point',
    see: "the server's FIN comes again after its ACK was seen, and is acknowledged out of TIME_WAIT",
    at: 'client',
    steps: SIX.flatMap((conn): Step[] => [
      ...request(conn),
      client.close(conn),
      server.seesEnd(conn),
      pause(0.1),
      router.drop({ from: 'client', flags: 'ack', count: 1 }),
      server.close(conn),
      pause(0.5),
    ]),
    flows: SIX.map(() => CLIENT_FIRST),
    findings: [{ code: 'last-ack-lost', subject: '10.9.1.2 -> 10.9.2.2:8080' }],
  },
];
