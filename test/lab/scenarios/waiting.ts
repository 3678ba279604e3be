import { CLIENT_FIRST, clientThenServer, flow, request, type Scenario } from './scenario.ts';
import { client, pause, router, type Step, server } from './steps.ts';

// Loss at the close, and ends that wait.

export const WAITING: Scenario[] = [
  {
    name: 'lossy-fin-retransmitted',
    phenomenon: "the client's first FIN is lost between the two captures",
    see: 'two FINs of one sequence number at the client, one at the server; it is in CLOSE_WAIT only from then on',
    at: 'both',
    steps: [...request(), router.drop({ from: 'client', flags: 'fin', count: 1 }), ...clientThenServer()],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'last-ack-lost',
    phenomenon: 'the last ACK is lost between the two captures',
    see: 'the server stays in LAST_ACK until its FIN, sent again, is acknowledged out of TIME_WAIT',
    at: 'both',
    steps: [
      ...request(),
      client.close(),
      server.seesEnd(),
      pause(0.1),
      router.drop({ from: 'client', flags: 'ack', count: 1 }),
      server.close(),
      pause(0.8),
    ],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'keep-alive-in-close-wait',
    phenomenon: 'the server leaves a closed connection open for 3.5 s, with keep-alive every second',
    see: 'probes at snd_nxt - 1, answered out of FIN_WAIT_2',
    at: 'server',
    steps: [
      ...request(),
      server.keepAlive(1),
      client.shutdown(),
      server.seesEnd(),
      pause(3.5),
      server.close(),
      pause(0.2),
    ],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'zero-window-fin',
    phenomenon: "the client closes while the server's window is shut",
    see: "the FIN stays in the client's queue: only window probes are sent",
    at: 'client',
    network: { sysctls: { server: { 'net.ipv4.tcp_rmem': '4096 4096 4096' } } },
    steps: [
      client.connect(),
      server.accept({ unread: true }),
      client.send(8000),
      pause(0.5),
      client.close(),
      pause(1.5),
    ],
    flows: [
      {
        ...flow('open', null, ['FIN_WAIT_1'], []),
        wire: {
          client: ['SYN_SENT', 'ESTABLISHED'],
          server: ['SYN_RECEIVED', 'ESTABLISHED'],
          why: 'the FIN was never sent',
        },
      },
    ],
    findings: [],
  },
  {
    name: 'causes/window-closed',
    phenomenon: 'the server does not read for 16 s, and the client closes meanwhile',
    see: 'window 0 and probes, answered to the end; no FIN',
    at: 'server',
    network: { sysctls: { server: { 'net.ipv4.tcp_rmem': '4096 4096 4096' } } },
    steps: [
      client.connect(),
      server.accept({ unread: true }),
      client.send(8000),
      pause(0.5),
      client.close(),
      pause(16),
    ],
    flows: [
      {
        ...flow('open', null, ['FIN_WAIT_1'], []),
        wire: {
          client: ['SYN_SENT', 'ESTABLISHED'],
          server: ['SYN_RECEIVED', 'ESTABLISHED'],
          why: 'the FIN was never sent',
        },
      },
    ],
    findings: [{ code: 'window-closed', subject: '10.9.2.2:8080' }],
  },
];

/**
 * Brings at least one socket into each state in which a socket can stand, and leaves them there for two
 * seconds. Most states are over in a round trip, so the router loses what would end them.
 */
export const STANDING: Step[] = [
  ...request('open'),
  ...request('time-wait'),
  client.close('time-wait'),
  server.seesEnd('time-wait'),
  server.close('time-wait'),
  // The server holds a CLOSE_WAIT, the client an orphan's FIN_WAIT_2; then the same the other way round.
  ...request('leak'),
  client.close('leak'),
  ...request('other-leak'),
  server.shutdown('other-leak'),
  ...request('last-ack'),
  client.shutdown('last-ack'),
  server.seesEnd('last-ack'),
  ...request('fin-wait-1'),
  ...request('closing'),
  router.drop({ from: 'client', flags: 'fin' }),
  client.shutdown('fin-wait-1'),
  // The client's FIN is lost, and then the server's arrives at it: CLOSING until the lost one gets through.
  client.shutdown('closing'),
  pause(0.05),
  server.shutdown('closing'),
  pause(0.05),
  router.drop({ from: 'server', flags: 'fin' }),
  server.close('last-ack'),
  router.drop({ from: 'server', flags: 'syn-ack' }),
  client.connect({ wait: false }, 'syn-received'),
  pause(0.05),
  router.drop({ from: 'client', flags: 'syn' }),
  client.connect({ wait: false }, 'syn-sent'),
  pause(2),
];
