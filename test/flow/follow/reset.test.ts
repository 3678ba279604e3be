import { describe, expect, it } from 'vitest';
import {
  ACCEPTED,
  CLOSED,
  ESTABLISHED,
  expectPaths,
  HALF_CLOSED,
  meaningOf,
  OPENED,
  statesFrom,
} from '../fixtures.ts';
import { runOne } from '../script.ts';

describe('close by RST', () => {
  it('ends both ends of an open flow at once', () => {
    const flow = runOne(`${ESTABLISHED}
      +1 c R. 1 ack 1`);
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 1.02 #4 rst-sent']);
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 1.02 #4 rst-received']);
    expect(flow).toMatchObject({
      closeKind: 'reset',
      closedFirst: 'client',
      closeStarted: 1.02,
      closeEnded: 1.02,
      resetBy: 'client',
    });
    expect(flow.counts.client).toMatchObject({ rsts: 1, fins: 0 });
  });

  it('case 9: data after a full close is answered by RST', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1    s P. 1:101 ack 2
      +0.01 c R  2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT CLOSED`);
    expect(flow).toMatchObject({
      closeKind: 'fin-reset',
      closedFirst: 'client',
      closeStarted: 1.02,
      closeEnded: 2.04,
      resetBy: 'client',
      resetKind: 'data-after-close',
    });
  });

  it('case 19: an orphan in FIN_WAIT_2 answers a FIN with data by RST', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1    s FP. 1:101 ack 2
      +0.01 c R   2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(flow).toMatchObject({ closeKind: 'fin-reset', resetKind: 'data-after-close', timeWaits: {} });
  });

  it('case 19: an orphan in FIN_WAIT_2 takes a bare FIN into TIME_WAIT', () => {
    expect(runOne(CLOSED).timeWaits).toHaveProperty('client');
  });

  it.each([
    ['from the end that has given up TIME_WAIT', '+0.1 s P. 2:12 ack 2\n+0.01 c R 2'],
    ['from the passive end', '+0.1 s R. 2 ack 2'],
    ['from both', '+0.1 s R. 2 ack 2\n+0.1 c R 2'],
  ])('case 10: an RST after both FINs were acknowledged, %s: the close stays fin', (_, late) => {
    const flow = runOne(`${CLOSED}\n${late}`);
    expect(flow).toMatchObject({
      closeKind: 'fin',
      closedFirst: 'client',
      closeStarted: 1.02,
      closeEnded: 1.05,
    });
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 1.05 #7 seen']);
  });

  describe('case 11: RST', () => {
    it('after its own FIN ends FIN_WAIT_1, and the FIN arrived with it', () => {
      const flow = runOne(`${ESTABLISHED}
        +1    c F. 1 ack 1
        +0.01 c R. 2 ack 1`);
      expectPaths(flow, `${OPENED} FIN_WAIT_1 CLOSED`, `${ACCEPTED} CLOSE_WAIT CLOSED`);
      expect(flow).toMatchObject({ closeKind: 'fin-reset', closedFirst: 'client', resetBy: 'client' });
    });

    it('out of CLOSE_WAIT instead of a FIN', () => {
      const flow = runOne(`${HALF_CLOSED}
        +1 s R. 1 ack 2`);
      expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT CLOSED`);
      expect(flow).toMatchObject({ closeKind: 'fin-reset', closedFirst: 'client', resetBy: 'server' });
    });

    it('into LAST_ACK', () => {
      const flow = runOne(`${HALF_CLOSED}
        +0.01 s F. 1 ack 2
        +0.01 c R  2`);
      expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
      expect(flow).toMatchObject({ closeKind: 'fin-reset', resetBy: 'client', closeEnded: 1.05 });
    });

    it('out of LAST_ACK', () => {
      const flow = runOne(`${HALF_CLOSED}
        +0.01 s F. 1 ack 2
        +0.01 s R. 2 ack 2`);
      expect(statesFrom(flow, 'server', 'LAST_ACK')).toEqual([
        'LAST_ACK 1.04 #6 sent',
        'CLOSED 1.05 #7 rst-sent',
      ]);
      expect(flow).toMatchObject({ closeKind: 'fin-reset', resetBy: 'server' });
    });

    it('into TIME_WAIT', () => {
      const flow = runOne(`${CLOSED}
        +1 s R 2`);
      expect(statesFrom(flow, 'client', 'TIME_WAIT')).toEqual([
        'TIME_WAIT 1.04 #6 acked',
        'CLOSED 2.05 #8 rst-received',
      ]);
      expect(meaningOf(flow, 8)).toBe('RST in TIME_WAIT');
    });
  });

  describe('case 12:', () => {
    it('FIN and RST in one segment are an RST', () => {
      const flow = runOne(`${ESTABLISHED}
        +1 c FR. 1 ack 1`);
      expectPaths(flow, `${OPENED} CLOSED`, `${ACCEPTED} CLOSED`);
      expect(flow).toMatchObject({ closeKind: 'reset', resetBy: 'client' });
    });

    it('the payload of an RST takes no sequence space', () => {
      const flow = runOne(`${ESTABLISHED}
        +1    c R. 1:21 ack 1
        +0.01 s R. 1    ack 1`);
      expect(flow.counts.client.bytes).toBe(0);
      expect(flow.closeKind).toBe('reset');
    });

    it('an RST needs no ACK', () => {
      const flow = runOne(`${ESTABLISHED}
        +1 s R 1`);
      expect(flow).toMatchObject({ closeKind: 'reset', closedFirst: 'server', resetBy: 'server' });
    });

    it('an RST with sequence number 0 is not acceptable', () => {
      const flow = runOne(`${ESTABLISHED}
        +1    s R  -2000000
        +1    c P. 1:11 ack 1
        +0.01 s .  1    ack 11`);
      expectPaths(flow, OPENED, ACCEPTED);
      expect(flow).toMatchObject({ closeKind: 'open', resetBy: null });
      expect(flow.counts.server.rsts).toBe(1);
    });

    it('the acknowledgment number of an RST is not trusted', () => {
      const flow = runOne(`${ESTABLISHED}
        +1 c R. 1 ack 500000`);
      expectPaths(flow, `${OPENED} CLOSED`, `${ACCEPTED} CLOSED`);
    });
  });

  describe('case 13:', () => {
    const WITH_DATA = `${ESTABLISHED}
      +1    c P. 1:11 ack 1
      +0.01 s .  1    ack 11`;

    it.each([
      ['behind the window', -5000],
      ['at the last byte, without a FIN before it', 10],
      ['far beyond any window', 2_000_000_000],
    ])('an RST %s leaves the flow open', (_, seq) => {
      const flow = runOne(`${WITH_DATA}
        +1 c R ${seq}`);
      expectPaths(flow, OPENED, ACCEPTED);
      expect(flow.closeKind).toBe('open');
      expect(meaningOf(flow, 6)).toBe('RST out of window');
    });

    it('an inexact RST that draws a challenge ACK leaves the flow open', () => {
      const flow = runOne(`${WITH_DATA}
        +1    c R. 500   ack 1
        +0.01 s .  1     ack 11
        +1    c P. 11:21 ack 1
        +0.01 s .  1     ack 21`);
      expectPaths(flow, OPENED, ACCEPTED);
      expect(flow).toMatchObject({ closeKind: 'open', closedFirst: null, resetBy: null });
      expect(meaningOf(flow, 6)).toBe('spurious RST');
    });

    it('an RST at the number before the FIN end is accepted in CLOSE_WAIT', () => {
      const flow = runOne(`${HALF_CLOSED}
        +1 c R. 1 ack 1`);
      expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT CLOSED`);
    });
  });

  it('case 14: further traffic shows that the RST was injected or ignored', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c P. 1:11  ack 1
      +0.01 s .  1     ack 11
      +1    c R. 11    ack 1 ttl 120 id 999
      +1    c P. 11:21 ack 1
      +0.01 s .  1     ack 21
      +1    c F. 21    ack 1
      +0.01 s F. 1     ack 22
      +0.01 c .  22    ack 2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(flow).toMatchObject({
      closeKind: 'fin',
      closedFirst: 'client',
      closeStarted: 4.04,
      resetBy: null,
    });
  });
});

describe('an RST that answers a SYN', () => {
  it('refuses it', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s R. 0 ack 1`);
    expect(statesFrom(flow, 'client', 'SYN_SENT')).toEqual([
      'SYN_SENT 0 #1 sent',
      'CLOSED 0.01 #2 rst-received',
    ]);
    expect(flow).toMatchObject({
      closeKind: 'refused',
      closedFirst: 'server',
      opened: null,
      resetBy: 'server',
      resetKind: 'refused',
    });
  });

  it.each([
    ['without ACK', 'R 0'],
    ['with the ACK of another SYN', 'R. 0 ack 5000'],
    ['with the ACK of nothing', 'R. 0 ack 0'],
  ])('does not when it comes %s (RFC 9293 3.10.7.3)', (_, rst) => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s ${rst}`);
    expect(flow.client).toBe('SYN_SENT');
    expect(flow.resetBy).toBeNull();
  });
});

describe('reset_by and reset_kind', () => {
  it.each([
    ['abort of a quiet flow', ESTABLISHED, '+1 c R. 1 ack 1', 'client', 'unread-data-or-linger'],
    [
      'abort with the data of the peer acknowledged',
      `${ESTABLISHED}\n+1 c P. 1:501 ack 1\n+0.01 s . 1 ack 501`,
      '+1 s R. 1 ack 501',
      'server',
      'unread-data-or-linger',
    ],
    [
      'answer to data after the FIN',
      HALF_CLOSED,
      '+1 s P. 1:11 ack 2\n+0 c R 2',
      'client',
      'data-after-close',
    ],
    ['RST in TIME_WAIT', CLOSED, '+1 s R 2', 'server', 'time-wait-assassination'],
    ['answer to a FIN of a flow long gone', CLOSED, '+100 s F. 1 ack 2\n+0 c R 2', 'client', 'late-segment'],
    [
      'answer by a host that has forgotten',
      ESTABLISHED,
      '+1 s P. 1:11 ack 1\n+0.01 c R 1',
      'client',
      'late-segment',
    ],
    [
      'answer to the first segment after an hour',
      `${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+0.01 s . 1 ack 11`,
      '+3600 c P. 11:21 ack 1\n+0.01 s R 1',
      'server',
      'idle',
    ],
    [
      'probes without an answer',
      ESTABLISHED,
      '+7200 c . 0 ack 1\n+75 c . 0 ack 1\n+75 c . 0 ack 1\n+75 c R. 1 ack 1',
      'client',
      'keep-alive-failed',
    ],
    ["a TTL unlike the sender's", ESTABLISHED, '+1 s R. 1 ack 1 ttl 120', 'server', 'injected'],
    ['the sender goes on', ESTABLISHED, '+1 s R. 1 ack 1\n+1 s P. 1:11 ack 1', null, 'injected'],
  ])('%s', (_, before, then, by, kind) => {
    expect(runOne(`${before}\n${then}`)).toMatchObject({ resetBy: by, resetKind: kind });
  });
});
