import { describe, expect, it } from 'vitest';
import { ACCEPTED, ESTABLISHED, expectPaths, meaningOf, OPENED, statesFrom } from '../fixtures.ts';
import { runOne } from '../script.ts';

// What opens an end and what does not, by number.

const SYN_RECEIVED = `
  +0    c S  0
  +0.01 s S. 0 ack 1`;

describe('the client is ESTABLISHED and the server with it', () => {
  it.each([
    ['by an ACK of the SYN-ACK', '. 1 ack 1', true],
    ['by data that acknowledge it', 'P. 1:11 ack 1', true],
    ['not by an ACK of the number before', '. 1 ack 0', false],
    ['not by an older one', '. 1 ack -5', false],
    ['not by a segment without ACK', 'P 1:11', false],
  ])('%s', (_, segment, opened) => {
    const flow = runOne(`isn c 5 s 4294967290\n${SYN_RECEIVED}\n+0.01 c ${segment}`);
    if (opened) expectPaths(flow, OPENED, ACCEPTED);
    else expectPaths(flow, 'SYN_SENT', 'SYN_RECEIVED');
  });

  it('by its first ACK if the SYN-ACK was not captured', () => {
    const flow = runOne(`
      +0    c S 0
      +0.01 c . 1 ack 1`);
    expect(statesFrom(flow, 'client', 'ESTABLISHED')).toEqual(['ESTABLISHED 0.01 #2 implied']);
    expect(meaningOf(flow, 2)).toBe('ACK of SYN');
  });
});

describe('a server in SYN_RECEIVED', () => {
  it('does not leave it by what it sends itself', () => {
    const flow = runOne(`${SYN_RECEIVED}
      +0.01 s P. 1:11 ack 1`);
    expect(flow.server).toBe('SYN_RECEIVED');
  });

  it('does not go back to it when a copy of its SYN-ACK comes late', () => {
    const flow = runOne(`${ESTABLISHED}
      +0.1 s P. 1:11 ack 1
      +0.1 s S. 0    ack 1`);
    expect(statesFrom(flow, 'server', 'ESTABLISHED')).toEqual(['ESTABLISHED 0.02 #3 seen']);
    expect(meaningOf(flow, 5)).toBe('retransmitted SYN-ACK');
  });

  it('does not go back to it either when it has only acknowledged since', () => {
    const flow = runOne(`${ESTABLISHED}
      +0.1 c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +0.1 s S. 0    ack 1`);
    expect(statesFrom(flow, 'server', 'ESTABLISHED')).toEqual(['ESTABLISHED 0.02 #3 seen']);
  });

  it('counts from the ISN of its last answer', () => {
    const flow = runOne(`${SYN_RECEIVED}
      +1    s S. 500 ack 1
      +0.01 c .  1   ack 501
      +0.1  s P. 501:511 ack 1`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(meaningOf(flow, 3)).toBe('SYN-ACK');
    expect(flow.counts.server).toMatchObject({ bytes: 10, retransmissions: 0 });
  });
});

it('if the SYN-ACK comes first, it shows the ISN of the client', () => {
  const flow = runOne(`
    +0    s S. 0 ack 1
    +0.01 c .  1 ack 1`);
  expect(flow.segments.map(({ seq, ack }) => [seq, ack])).toEqual([
    [0, 1],
    [1, 1],
  ]);
});

it('what comes first of a flow under way is kept as its first segment', () => {
  const flow = runOne(`
    +0    c P. 1:11 ack 1
    +0.01 s .  1    ack 11`);
  expect([1, 2].map((frame) => meaningOf(flow, frame))).toEqual(['first segment', 'first segment']);
});

describe('an impossible round trip', () => {
  it.each([
    ['because the clock jumped back', -0.5],
    ['because it took more than an hour', 5000],
  ])(
    '%s is not known: the receiver of an RST that continues a second later has not received it',
    (_, pause) => {
      const flow = runOne(`
      +1    c S  0
      ${pause < 0 ? pause : `+${pause}`} s S. 0 ack 1
      +0.01 c .  1 ack 1
      +1    c R. 1 ack 1
      +1    s P. 1:11 ack 1`);
      expect(flow.state.server).toBe('ESTABLISHED');
    },
  );
});
