import { request } from './scenario.ts';
import { client, pause, router, type Step, server } from './steps.ts';

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
