import { describe, expect, it } from 'vitest';
import {
  ACCEPTED,
  CLOSED,
  CLOSED_BY_SERVER,
  ESTABLISHED,
  expectPaths,
  HALF_CLOSED,
  meaningOf,
  OPENED,
  statesFrom,
} from '../fixtures.ts';
import { runOne } from '../script.ts';

describe('the close of RFC 9293 figure 12', () => {
  it('takes both ends through figure 5, each state by its segment', () => {
    const flow = runOne(CLOSED);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.02 #4 sent',
      'FIN_WAIT_2 1.03 #5 seen',
      'TIME_WAIT 1.04 #6 acked',
    ]);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual([
      'CLOSE_WAIT 1.02 #4 acked',
      'LAST_ACK 1.04 #6 sent',
      'CLOSED 1.05 #7 seen',
    ]);
  });

  it('is of the kind fin, begun by the client', () => {
    const flow = runOne(CLOSED);
    expect(flow).toMatchObject({
      closeKind: 'fin',
      closedFirst: 'client',
      closeStarted: 1.02,
      closeEnded: 1.05,
      resetBy: null,
      resetKind: null,
      fin: { client: 1.02, server: 1.04 },
      state: { client: 'TIME_WAIT', server: 'CLOSED' },
    });
  });

  it('keeps the segments that made it, with relative numbers', () => {
    const flow = runOne(CLOSED);
    expect(flow.segments.map((s) => [s.frame, s.endpoint, s.flags, s.seq, s.ack, s.len, s.meaning])).toEqual([
      [1, 'client', 'S', 0, null, 0, 'SYN'],
      [2, 'server', 'S.', 0, 1, 0, 'SYN-ACK'],
      [3, 'client', '.', 1, 1, 0, 'ACK of SYN'],
      [4, 'client', 'F.', 1, 1, 0, 'FIN'],
      [5, 'server', '.', 1, 2, 0, 'ACK of FIN'],
      [6, 'server', 'F.', 1, 2, 0, 'FIN'],
      [7, 'client', '.', 2, 2, 0, 'ACK of FIN'],
    ]);
  });

  it('goes the same way when the server begins it', () => {
    const mirrored = runOne(CLOSED_BY_SERVER);
    expectPaths(
      mirrored,
      `${OPENED} CLOSE_WAIT LAST_ACK CLOSED`,
      `${ACCEPTED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`,
    );
    expect(mirrored).toMatchObject({ closeKind: 'fin', closedFirst: 'server' });
  });
});

describe('close by FIN', () => {
  it('case 1: a FIN that acknowledges ours takes FIN_WAIT_1 to TIME_WAIT in one segment', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c F. 1 ack 1
      +0.1 s F. 1 ack 2
      +0.1 c .  2 ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_2')).toEqual([
      'FIN_WAIT_2 1.12 #5 seen',
      'TIME_WAIT 1.12 #5 acked',
    ]);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(meaningOf(flow, 5)).toBe('FIN, ACK of FIN');
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'client' });
  });

  it('case 2: FINs that cross put both ends into CLOSING, then TIME_WAIT; both closed first', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 1
      +0.03 s F. 1 ack 1
      +0    c .  2 ack 2
      +0.03 s .  2 ack 2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 CLOSING TIME_WAIT`, `${ACCEPTED} FIN_WAIT_1 CLOSING TIME_WAIT`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.02 #4 sent',
      'CLOSING 1.05 #5 acked',
      'TIME_WAIT 1.08 #7 seen',
    ]);
    expect(flow).toMatchObject({
      closeKind: 'fin',
      closedFirst: 'both',
      closeStarted: 1.02,
      closeEnded: 1.08,
    });
  });

  it('case 3: an ACK that does not cover the FIN leaves FIN_WAIT_1', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c P. 1:101 ack 1
      +0   c F. 101   ack 1
      +0.1 s .  1     ack 101`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1`, ACCEPTED);
    expect(meaningOf(flow, 6)).toBe('ACK short of FIN');
    expect(flow).toMatchObject({ closeKind: 'half', closedFirst: 'client', closeEnded: null });
  });

  it.each([
    ['the FIN alone', 'F. 101'],
    ['the FIN with all data', 'FP. 1:101'],
    ['the FIN with some of the data', 'FP. 51:101'],
  ])('case 4: %s sent again is not a second FIN', (_, again) => {
    const flow = runOne(`${ESTABLISHED}
      +1   c P. 1:101 ack 1
      +0   c F. 101 ack 1
      +0.3 c ${again} ack 1
      +0.1 s .  1 ack 102`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2`, `${ACCEPTED} CLOSE_WAIT`);
    expect(meaningOf(flow, 6)).toBe('retransmitted FIN');
    expect(flow.counts.client).toMatchObject({ fins: 2, bytes: 100, retransmissions: 1 });
    expect(flow.closeStarted).toBe(1.02);
  });

  it('case 5: a FIN captured before the data it follows moves its receiver only when the hole fills', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 101   ack 1
      +0.01 s .  1     ack 1
      +0.1  c P. 1:101 ack 1
      +0.01 s .  1     ack 102`);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.13 #6 acked']);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.02 #4 sent',
      'FIN_WAIT_2 1.14 #7 seen',
    ]);
    expect(flow.counts.client).toMatchObject({ fins: 1, bytes: 100 });
  });

  it('case 5: a hole that never fills leaves the receiver ESTABLISHED', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 101  ack 1
      +0.01 s .  1    ack 1
      +0.5  s P. 1:11 ack 1`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1`, ACCEPTED);
  });

  it('case 6: a FIN that was acknowledged but never captured is inferred', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c P. 1:101 ack 1
      +0.01 s .  1     ack 102
      +0.5  s F. 1     ack 102
      +0.01 c .  102   ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.03 #5 inferred',
      'FIN_WAIT_2 1.03 #5 seen',
      'TIME_WAIT 1.53 #6 acked',
    ]);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')[0]).toBe('CLOSE_WAIT 1.03 #5 inferred');
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'client' });
    expect(flow.counts.client.fins).toBe(0);
  });

  it('case 6: a number that turns out to be data was no FIN', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c P. 1:101   ack 1
      +0.01 s .  1       ack 102
      +0.5  c P. 102:202 ack 1
      +0.01 s .  1       ack 202`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow).toMatchObject({ closeKind: 'open', closedFirst: null, closeStarted: null });
  });

  it('case 7: if the last ACK was never captured, LAST_ACK stays open', () => {
    const flow = runOne(`${HALF_CLOSED}
      +0.01 s F. 1 ack 2
      watch +600`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2`, `${ACCEPTED} CLOSE_WAIT LAST_ACK`);
    expect(flow).toMatchObject({ closeKind: 'fin-unacked', closedFirst: 'client', closeEnded: null });
  });

  it('case 8: the passive side may go on sending after the FIN', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1    s P. 1:1001    ack 2
      +0.01 c .  2         ack 1001
      +1    s P. 1001:2001 ack 2
      +0.01 c .  2         ack 2001
      +1    s F. 2001      ack 2
      +0.01 c .  2         ack 2002`);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual([
      'CLOSE_WAIT 1.02 #4 acked',
      'LAST_ACK 4.05 #10 sent',
      'CLOSED 4.06 #11 seen',
    ]);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(flow).toMatchObject({ closeKind: 'fin', resetBy: null });
    expect(flow.counts.server.bytes).toBe(2000);
  });

  it('case 15: keep-alives in CLOSE_WAIT and FIN_WAIT_2 change nothing', () => {
    const flow = runOne(`${HALF_CLOSED}
      +75   s . 0   ack 2
      +0.01 c . 2   ack 1
      +75   s . 0:1 ack 2
      +0.01 c . 2   ack 1`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2`, `${ACCEPTED} CLOSE_WAIT`);
    expect(flow.counts.server).toMatchObject({ bytes: 0, retransmissions: 0 });
  });

  it('case 16: a FIN held back by a zero window is not on the wire: still ESTABLISHED', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c P. 1:101 ack 1
      +0.1 s .  1     ack 101 win 0
      +1   c .  100   ack 1
      +0.1 s .  1     ack 101 win 0`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.closeKind).toBe('open');
  });

  it('case 20: FIN_WAIT_2 has no timer of its own: it never expires', () => {
    const flow = runOne(`${HALF_CLOSED}
      watch +7200`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2`, `${ACCEPTED} CLOSE_WAIT`);
    expect(flow.observed).toBe(7201.03);
  });

  it('case 25: FINs sent again for minutes are one flow', () => {
    const again = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 120, 120].map(
      (pause) => `+${pause} c F. 1 ack 1`,
    );
    const flow = runOne([ESTABLISHED, '+1 c F. 1 ack 1', ...again].join('\n'));
    expectPaths(flow, `${OPENED} FIN_WAIT_1`, ACCEPTED);
    expect(flow.counts.client).toMatchObject({ fins: 13, retransmissions: 12 });
    expect(flow.closeKind).toBe('half');
  });

  it.each([
    ['before any FIN', ESTABLISHED, OPENED, ACCEPTED, 'open'],
    ['after one FIN', `${ESTABLISHED}\n+1 c F. 1 ack 1`, `${OPENED} FIN_WAIT_1`, ACCEPTED, 'half'],
    ['after its ACK', HALF_CLOSED, `${OPENED} FIN_WAIT_1 FIN_WAIT_2`, `${ACCEPTED} CLOSE_WAIT`, 'half'],
  ])('case 31: a capture that ends %s leaves the states standing', (_, script, client, server, kind) => {
    const flow = runOne(script);
    expectPaths(flow, client, server);
    expect(flow).toMatchObject({ closeKind: kind, closeEnded: null });
  });

  it('an ACK before the FIN came back with it: a pure ACK repeated changes nothing', () => {
    const flow = runOne(`${CLOSED}
      +0.1 s . 2 ack 2
      +0.1 c . 2 ack 2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(flow.closeEnded).toBe(1.05);
  });
});
