import { describe, expect, it } from 'vitest';
import { CLOSED, ESTABLISHED, expectPaths, HALF_CLOSED, OPENED, statesFrom } from '../fixtures.ts';
import type { FlowResult } from '../result.ts';
import { ENDS, parse, run, runOne } from '../script.ts';

// The facts of an endpoint become its state times in the order in which they happened.

describe('what one segment shows', () => {
  it('of a FIN that acknowledges one never captured: that one came first, so it is the passive close', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 2
      +0.01 s .  2 ack 2`);
    expect(statesFrom(flow, 'client', 'CLOSE_WAIT')).toEqual([
      'CLOSE_WAIT 1.02 #4 inferred',
      'LAST_ACK 1.02 #4 sent',
      'CLOSED 1.03 #5 seen',
    ]);
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'server' });
  });
});

describe('an end of which nothing was captured', () => {
  it('is UNKNOWN until a new connection has taken its place', () => {
    const [old, fresh] = run(`
      +0 s P. 1:11 ack 1
      reopen
      +9 s S. 0 ack 1`);
    expect(old).toMatchObject({ client: 'UNKNOWN CLOSED', server: 'ESTABLISHED CLOSED' });
    expectPaths(fresh!, 'SYN_SENT', 'SYN_RECEIVED');
  });
});

describe('the state times of an endpoint', () => {
  const RESET_IN_LAST_ACK = `${ESTABLISHED}
    +0.1  s F. 1 ack 1
    +0.01 c F. 1 ack 2
    +0.01 c R  2`;
  const without = ({ client, server, stateTimes, closeKind, closedFirst }: FlowResult) => ({
    client,
    server,
    closeKind,
    closedFirst,
    times: [...stateTimes.client, ...stateTimes.server].map(({ at }) => at),
  });

  it.each([
    ['a close', CLOSED],
    ['a half-close', HALF_CLOSED],
    ['an RST in LAST_ACK', RESET_IN_LAST_ACK],
  ])('%s is the same whatever other connections were captured with it', (_, script) => {
    const other = { ...ENDS, client: { ...ENDS.client, port: 50_000 } };
    const steps = [...parse(CLOSED, other), ...parse(script)].sort((a, b) => a.at - b.at);
    const flow = run(steps).find(({ ports }) => ports.client === ENDS.client.port);
    expect(without(flow!)).toEqual(without(runOne(script)));
  });

  it('an RST out of LAST_ACK ends it, after CLOSE_WAIT', () => {
    expect(runOne(RESET_IN_LAST_ACK).client).toBe(`${OPENED} CLOSE_WAIT LAST_ACK CLOSED`);
  });
});
