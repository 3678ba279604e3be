import { describe, expect, it } from 'vitest';
import { ACCEPTED, ESTABLISHED, expectPaths, meaningOf, OPENED, statesFrom } from '../fixtures.ts';
import { ENDS, runOne } from '../script.ts';

describe('the handshake', () => {
  it('opens both ends', () => {
    const flow = runOne(ESTABLISHED);
    expect(statesFrom(flow, 'client', 'SYN_SENT')).toEqual([
      'SYN_SENT 0 #1 sent',
      'ESTABLISHED 0.01 #2 acked',
    ]);
    expect(statesFrom(flow, 'server', 'SYN_RECEIVED')).toEqual([
      'SYN_RECEIVED 0 #1 acked',
      'ESTABLISHED 0.02 #3 seen',
    ]);
    expect(flow).toMatchObject({ opened: 0.02, closeKind: 'open', closedFirst: null, roleEvidence: 'syn' });
  });

  it('without an answer is unanswered', () => {
    const flow = runOne(`
      +0 c S 0
      +1 c S 0
      +2 c S 0`);
    expectPaths(flow, 'SYN_SENT', '');
    expect(flow).toMatchObject({ closeKind: 'unanswered', opened: null });
    expect(flow.counts.client).toMatchObject({ segments: 3, retransmissions: 2 });
    expect(meaningOf(flow, 3)).toBe('retransmitted SYN');
  });

  it('without its last ACK is open, the client in SYN_SENT: nothing shows that the SYN-ACK arrived', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s S. 0 ack 1`);
    expectPaths(flow, 'SYN_SENT', 'SYN_RECEIVED');
    expect(flow).toMatchObject({ closeKind: 'open', opened: null });
  });

  it('broken off by the client after the SYN-ACK never opens the server', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c R  1`);
    expectPaths(flow, 'SYN_SENT CLOSED', 'SYN_RECEIVED CLOSED');
    expect(flow).toMatchObject({ closeKind: 'reset', opened: null });
  });

  it('of two SYNs that cross takes both ends from SYN_SENT through SYN_RECEIVED (RFC 9293 figure 7)', () => {
    const flow = runOne(`
      +0    c S  0
      +0    s S  0
      +0.01 c S. 0 ack 1
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1
      +0    s .  1 ack 1`);
    expectPaths(flow, `SYN_SENT ${ACCEPTED}`, `SYN_SENT ${ACCEPTED}`);
    expect(flow.roleEvidence).toBe('syn');
  });
});

describe('case 24: roles and states by the first evidence', () => {
  it('the SYN-ACK first: its receiver is the client', () => {
    const flow = runOne(`
      +0    s S. 0 ack 1
      +0.01 c .  1 ack 1`);
    expect(flow).toMatchObject({ roleEvidence: 'syn-ack', ports: { client: 40_000, server: 80 } });
    expectPaths(flow, OPENED, ACCEPTED);
  });

  it.each([
    ['a system port is the server, though seen first', 80, 40_000, 's', 'lower-port', 80],
    ['a system port is the server, seen second', 80, 40_000, 'c', 'lower-port', 80],
    ['a port that no client takes is the server, though seen first', 8080, 40_000, 's', 'lower-port', 8080],
    ['a port that no client takes is the server, seen second', 32_767, 32_768, 'c', 'lower-port', 32_767],
    ['a port that no client takes is the server, next to theirs', 32_767, 32_768, 's', 'lower-port', 32_767],
    ['a system port is the server, next to others', 1023, 1024, 's', 'lower-port', 1023],
    [
      'between ports of clients the first to be seen is the client',
      50_000,
      40_000,
      's',
      'first-segment',
      40_000,
    ],
    ['between registered ports the first to be seen is the client', 8080, 9000, 's', 'first-segment', 9000],
    ['between system ports the first to be seen is the client', 22, 80, 's', 'first-segment', 80],
  ])('mid-flow: %s', (_, server, client, first, evidence, expected) => {
    const flow = runOne(`+0 ${first} P. 1:11 ack 1`, {
      client: { ...ENDS.client, port: client },
      server: { ...ENDS.server, port: server },
    });
    expect(flow.roleEvidence).toBe(evidence);
    expect(flow.ports.server).toBe(expected);
  });

  it('mid-flow: ends are ESTABLISHED from their first segment, and nothing is said of before', () => {
    const flow = runOne(`
      +0    c P. 1:11 ack 1
      +0.01 s P. 1:5  ack 11
      +0.01 c F. 11   ack 5
      +0.01 s .  5    ack 12`);
    expect(statesFrom(flow, 'client', 'ESTABLISHED')).toEqual([
      'ESTABLISHED 0 #1 mid-stream',
      'FIN_WAIT_1 0.02 #3 sent',
      'FIN_WAIT_2 0.03 #4 seen',
    ]);
    expect(statesFrom(flow, 'server', 'ESTABLISHED')).toEqual([
      'ESTABLISHED 0.01 #2 mid-stream',
      'CLOSE_WAIT 0.02 #3 acked',
    ]);
    expect(flow).toMatchObject({ closeKind: 'half', closedFirst: 'client', opened: null });
  });

  it('mid-close: a FIN first shows FIN_WAIT_1 and CLOSE_WAIT, no state before', () => {
    const flow = runOne(`
      +0    s F. 1 ack 1
      +0.01 c .  1 ack 2
      +0.01 c F. 1 ack 2
      +0.01 s .  2 ack 2`);
    expectPaths(flow, 'CLOSE_WAIT LAST_ACK CLOSED', 'FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT');
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'server' });
  });

  it('mid-flow: an end of which nothing was seen is UNKNOWN', () => {
    expect(statesFrom(runOne('+0 s . 1 ack 1'), 'client', 'UNKNOWN')).toEqual(['UNKNOWN 0 mid-stream']);
  });

  it('an end that never answered a SYN has no state', () => {
    const flow = runOne('+0 c S 0');
    expect(flow.server).toBe('');
    expect(flow.state.server).toBeNull();
  });
});

describe('case 30: TCP Fast Open', () => {
  it('data on the SYN counts, and the close starts after it', () => {
    const flow = runOne(`
      +0    c S  0:100
      +0.01 s S. 0   ack 101
      +0.01 c .  101 ack 1
      +0.1  c F. 101 ack 1
      +0.01 s F. 1   ack 102
      +0.01 c .  102 ack 2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(flow.counts.client.bytes).toBe(100);
  });

  it('data on the SYN that was not taken is sent again and counts once', () => {
    const flow = runOne(`
      +0    c S  0:100
      +0.01 s S. 0     ack 1
      +0    c P. 1:101 ack 1
      +0.01 s .  1     ack 101`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.counts.client).toMatchObject({ bytes: 100, retransmissions: 1 });
  });

  it('a FIN on the SYN closes the direction as soon as it opens', () => {
    const flow = runOne(`
      +0    c SF 0:100
      +0.01 s S. 0   ack 102
      +0.01 c .  102 ack 1`);
    expect(flow.client).toBe('SYN_SENT FIN_WAIT_1 FIN_WAIT_2');
    expect(flow.server.endsWith('CLOSE_WAIT')).toBe(true);
    expect(flow.closeKind).toBe('half');
  });
});
