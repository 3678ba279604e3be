import { describe, expect, it } from 'vitest';
import { ACCEPTED, CLOSED, ESTABLISHED, expectPaths, HALF_CLOSED, OPENED, statesFrom } from '../fixtures.ts';
import { runOne } from '../script.ts';

// What is captured was sent, but need not have arrived. The capture is near the client: what the
// client sent may be lost after it, what the server sent before it, and the far end's states have to
// wait for evidence.

const ACTIVE = `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`;
const PASSIVE = `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`;

describe('loss beyond the capture point', () => {
  it('SYN: the server has received the one before its SYN-ACK', () => {
    const flow = runOne(`
      +0    c S  0
      +1    c S  0
      +2    c S  0
      +0.01 s S. 0 ack 1
      +0    c .  1 ack 1`);
    expect(statesFrom(flow, 'client', 'SYN_SENT')[0]).toBe('SYN_SENT 0 #1 sent');
    expect(statesFrom(flow, 'server', 'SYN_RECEIVED')[0]).toBe('SYN_RECEIVED 3 #3 acked');
    expect(flow.opened).toBe(3.01);
  });

  it('ACK of SYN: the server is ESTABLISHED by the one that follows its second SYN-ACK', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1
      +1    s S. 0 ack 1
      +0.01 c .  1 ack 1`);
    expect(statesFrom(flow, 'client', 'ESTABLISHED')).toEqual(['ESTABLISHED 0.01 #2 acked']);
    expect(statesFrom(flow, 'server', 'ESTABLISHED')).toEqual(['ESTABLISHED 1.03 #5 seen']);
  });

  it('FIN: the server is in CLOSE_WAIT by the one it answers, the client waits all along', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 1
      +0.2  c F. 1 ack 1
      +0.4  c F. 1 ack 1
      +0.01 s .  1 ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.02 #4 sent',
      'FIN_WAIT_2 1.63 #7 seen',
    ]);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.62 #6 acked']);
  });

  it('FIN, with data of the server in between: that data does not show that the FIN arrived', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1    ack 1
      +0.1  s P. 1:11 ack 1
      +0.01 c .  2    ack 11
      +0.2  c F. 1    ack 11
      +0.01 s .  11   ack 2`);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.33 #7 acked']);
  });

  it('last ACK: LAST_ACK lasts until the server stops sending its FIN', () => {
    const flow = runOne(`${CLOSED}
      +0.2  s F. 1 ack 2
      +0.01 c .  2 ack 2
      +0.4  s F. 1 ack 2
      +0.01 c .  2 ack 2
      watch +10`);
    expect(statesFrom(flow, 'server', 'LAST_ACK')).toEqual(['LAST_ACK 1.04 #6 sent', 'CLOSED 1.67 #11 seen']);
    expect(statesFrom(flow, 'client', 'TIME_WAIT')).toEqual(['TIME_WAIT 1.04 #6 acked']);
    expect(flow).toMatchObject({ closeKind: 'fin', closeEnded: 1.67 });
    expect(flow.timeWaits.client?.rearmed).toBe(2);
  });

  it('last ACK, and the FIN sent again is not answered: LAST_ACK is open', () => {
    const flow = runOne(`${CLOSED}
      +0.2 s F. 1 ack 2`);
    expectPaths(flow, ACTIVE, `${ACCEPTED} CLOSE_WAIT LAST_ACK`);
  });

  it('RST: the server that continues has not received it', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c R. 1     ack 1
      +1    s P. 1:101 ack 1
      +0.01 c R  1`);
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 1.02 #4 rst-sent']);
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 2.03 #6 rst-received']);
    expect(flow).toMatchObject({
      closeKind: 'reset',
      closedFirst: 'client',
      closeStarted: 1.02,
      closeEnded: 2.03,
    });
  });

  it('RST, and nothing later ends the server that continues', () => {
    const flow = runOne(`${ESTABLISHED}
      +1 c R. 1     ack 1
      +1 s P. 1:101 ack 1`);
    expectPaths(flow, `${OPENED} CLOSED`, ACCEPTED);
  });

  it('what was under way when the RST was captured does not speak against its arrival', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     c R. 1     ack 1
      +0.005 s P. 1:101 ack 1`);
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 1.02 #4 rst-received']);
  });
});

describe('loss before the capture point, and by the capture', () => {
  it('SYN never captured: the SYN-ACK shows it', () => {
    const flow = runOne(`
      +0    s S. 0 ack 1
      +0.01 c .  1 ack 1`);
    expect(statesFrom(flow, 'client', 'SYN_SENT')).toEqual([
      'SYN_SENT 0 #1 inferred',
      'ESTABLISHED 0 #1 acked',
    ]);
    expect(statesFrom(flow, 'server', 'SYN_RECEIVED')).toEqual([
      'SYN_RECEIVED 0 #1 implied',
      'ESTABLISHED 0.01 #2 seen',
    ]);
  });

  it('SYN-ACK lost on its way: the client is ESTABLISHED by the second', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s S. 0 ack 1
      +1    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1`);
    expect(statesFrom(flow, 'client', 'ESTABLISHED')).toEqual(['ESTABLISHED 1.02 #4 acked']);
    expect(statesFrom(flow, 'server', 'SYN_RECEIVED')).toEqual([
      'SYN_RECEIVED 0 #1 acked',
      'ESTABLISHED 1.03 #5 seen',
    ]);
  });

  it('ACK of FIN lost on its way: the client is in FIN_WAIT_2 by the second', () => {
    const flow = runOne(`${HALF_CLOSED}
      +0.2 c F. 1 ack 1
      +0   s .  1 ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_2')).toEqual(['FIN_WAIT_2 1.23 #7 seen']);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.02 #4 acked']);
  });

  it('FIN of the server lost on its way: the client is in TIME_WAIT by the second', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 1
      +0    s F. 1 ack 2
      +0.2  s F. 1 ack 2
      +0.04 c .  2 ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_2')).toEqual([
      'FIN_WAIT_2 1.22 #6 seen',
      'TIME_WAIT 1.22 #6 acked',
    ]);
    expect(statesFrom(flow, 'server', 'LAST_ACK')).toEqual(['LAST_ACK 1.02 #5 sent', 'CLOSED 1.26 #7 seen']);
  });

  it('FIN of the server never captured: its ACK shows it', () => {
    const flow = runOne(`${HALF_CLOSED}
      +0.5 c . 2 ack 2`);
    expectPaths(flow, ACTIVE, PASSIVE);
    expect(statesFrom(flow, 'server', 'LAST_ACK')[0]).toBe('LAST_ACK 1.53 #6 inferred');
    expect(flow.closeKind).toBe('fin');
  });

  it('data before the FIN never captured: the close is not harmed', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c P. 1:101     ack 1
      +1    c F. 5001      ack 1
      +0.01 s F. 1         ack 5002
      +0.01 c .  5002      ack 2`);
    expectPaths(flow, ACTIVE, PASSIVE);
  });
});
