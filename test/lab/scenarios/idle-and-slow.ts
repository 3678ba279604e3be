import { CLIENT_FIRST, flow, type Scenario } from './scenario.ts';
import { client, pause, router, server, together } from './steps.ts';

// Causes: requests that meet the close of an idle connection, and answers that come too late.

const SIX = ['a', 'b', 'c', 'd', 'e', 'f'];

export const IDLE_AND_SLOW: Scenario[] = [
  {
    name: 'causes/keep-alive-race',
    phenomenon:
      'the server closes six connections that were idle for 1.5 s, and a slow link holds its FINs while the client sends its next requests',
    see: 'the requests cross the FINs; the RSTs have the sequence number that the requests acknowledge',
    at: 'client',
    steps: [
      ...SIX.flatMap((conn) => [
        client.connect({}, conn),
        server.accept({}, conn),
        client.send(120, conn),
        server.receives(120, conn),
        server.send(400, conn),
        client.receives(400, conn),
      ]),
      pause(1.5),
      router.slow(40),
      together(
        SIX.map((conn) => server.close(conn)),
        SIX.map((conn) => client.send(120, conn)),
      ),
      pause(2),
    ],
    flows: SIX.map(() => flow('fin-reset', 'server', ['CLOSE_WAIT', 'CLOSED'], ['FIN_WAIT_1', 'CLOSED'])),
    findings: [{ code: 'keep-alive-race', subject: '10.9.2.2:8080' }],
  },
  {
    name: 'causes/keep-alive-race-stale',
    phenomenon:
      'the server closes connections that were idle for 1 s; a pool that does not look uses them after 1.4 s',
    see: 'the FIN is acknowledged, the request comes 0.4 s later and is answered by RST',
    at: 'server',
    steps: [
      server.serves(9001, { answer: 400, closes: 'idle', closesAfter: [1] }),
      client.visits({
        count: 12,
        rate: 6,
        requests: 2,
        pauses: [1.4, 0.5],
        answer: 400,
        closes: 'answered',
        heedless: true,
        patience: 0.5,
      }),
      pause(0.5),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 6 },
      {
        ...flow('fin-reset', 'server', ['CLOSE_WAIT', 'CLOSED'], ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED']),
        count: 6,
      },
    ],
    findings: [{ code: 'keep-alive-race', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/client-gave-up',
    phenomenon: 'clients wait for 0.6 s at most; every third answer takes 1.1 s',
    see: 'FIN 0.6 s after the request, and the answer half a second later meets an RST',
    at: 'client',
    steps: [
      server.serves(9001, { answer: 400, closes: 'second', answersAfter: [0.02, 0.05, 1.1] }),
      client.visits({ count: 18, rate: 9, answer: 400, patience: 0.6, closes: 'answered' }),
      pause(1),
    ],
    flows: [],
    crowd: [
      { ...CLIENT_FIRST, count: 12 },
      {
        ...flow('fin-reset', 'client', ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'], ['CLOSE_WAIT', 'CLOSED']),
        count: [0, 6],
      },
      {
        ...flow(
          'fin-reset',
          'client',
          ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'],
          ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED'],
        ),
        count: [0, 6],
      },
    ],
    findings: [{ code: 'client-gave-up', subject: '10.9.2.2:9001' }],
  },
  {
    name: 'causes/client-gave-up-pool',
    phenomenon:
      'a pool of six connections has had three answers on each; to the fourth request the server needs 1.1 s, and the clients wait for 0.8 s',
    see: 'the last data before each FIN is the request; the answer meets an RST',
    at: 'server',
    steps: [
      ...SIX.flatMap((conn) => [
        client.connect({}, conn),
        server.accept({}, conn),
        ...[1, 2, 3].flatMap(() => [
          client.send(120, conn),
          server.receives(120, conn),
          server.send(400, conn),
          client.receives(400, conn),
        ]),
      ]),
      pause(0.3),
      ...SIX.flatMap((conn) => [client.send(120, conn), server.receives(120, conn)]),
      pause(0.8),
      ...SIX.map((conn) => client.close(conn)),
      pause(0.3),
      ...SIX.map((conn) => server.send(400, conn)),
      pause(0.5),
    ],
    flows: SIX.map(() =>
      flow('fin-reset', 'client', ['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED'], ['CLOSE_WAIT', 'CLOSED']),
    ),
    findings: [{ code: 'client-gave-up', subject: '10.9.2.2:8080' }],
  },
];
