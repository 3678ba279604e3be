import { describe, expect, it } from 'vitest';
import { timeWaitRule } from '../../../src/flow/judge/profile.ts';
import { CLOSED, CLOSED_BY_SERVER, statesFrom } from '../fixtures.ts';
import { run, runOne } from '../script.ts';

// The client of CLOSED enters TIME_WAIT at 1.04 s; 60 s (Linux) later it is over.

describe('a TIME_WAIT ended by', () => {
  it('capture-end: it lasted at least until then', () => {
    const flow = runOne(`${CLOSED}
      watch +30`);
    expect(flow.timeWaits).toEqual({
      client: {
        atLeast: 30.01,
        atMost: null,
        expected: 60,
        endedBy: 'capture-end',
        rearmed: 0,
        evidence: 'none',
        profile: 'linux',
        profileEvidence: 'default',
      },
    });
    expect(flow.state.client).toBe('TIME_WAIT');
  });

  it.each([
    [59.98, 'capture-end', 'TIME_WAIT'],
    [59.99, 'expired', 'CLOSED'],
  ])('the clock, %d s later: %s', (later, endedBy, state) => {
    const flow = runOne(`${CLOSED}
      watch +${later}`);
    expect(flow.timeWaits.client?.endedBy).toBe(endedBy);
    expect(flow.state.client).toBe(state);
  });

  it('expired: CLOSED at the expected time, on no evidence but the timer', () => {
    const flow = runOne(`${CLOSED}
      watch +70`);
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 61.04 timer']);
    expect(flow.timeWaits.client).toEqual({
      atLeast: 0,
      atMost: null,
      expected: 60,
      endedBy: 'expired',
      rearmed: 0,
      evidence: 'profile',
      profile: 'linux',
      profileEvidence: 'default',
    });
  });

  it('expired by another profile', () => {
    const flow = runOne(`${CLOSED}\nwatch +31`, { timeWait: timeWaitRule('30') });
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 31.04 timer']);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'expired', expected: 30 });
  });

  it('reset: case 18, an RST at rcv_nxt kills it', () => {
    const flow = runOne(`${CLOSED}
      +1 s R 2
      watch +70`);
    expect(flow.timeWaits.client).toEqual({
      atLeast: 1.01,
      atMost: 1.01,
      expected: 60,
      endedBy: 'reset',
      rearmed: 0,
      evidence: 'rst-received',
      profile: 'linux',
      profileEvidence: 'default',
    });
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 2.05 #8 rst-received']);
  });

  it.each([
    ['beyond rcv_nxt', 500],
    ['below it', 1],
    ['far below it', -5000],
  ])('no RST %s', (_, seq) => {
    const flow = runOne(`${CLOSED}
      +1 s R ${seq}
      watch +10`);
    expect(flow.timeWaits.client?.endedBy).toBe('capture-end');
    expect(flow.client.endsWith('TIME_WAIT')).toBe(true);
  });

  it('refused: the holder answers a late segment with RST, so it was over by then', () => {
    const flow = runOne(`${CLOSED}
      +5    s F. 1 ack 2
      +0.01 c R  2`);
    expect(flow.timeWaits.client).toEqual({
      atLeast: 0,
      atMost: 5.02,
      expected: 60,
      endedBy: 'refused',
      rearmed: 0,
      evidence: 'rst-sent',
      profile: 'linux',
      profileEvidence: 'default',
    });
  });

  it('the clock, not refused, if the late segment comes after the expected length', () => {
    const flow = runOne(`${CLOSED}
      +100  s F. 1 ack 2
      +0.01 c R  2`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'expired', atMost: 100.02, rearmed: 0 });
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 61.04 timer']);
  });

  it('reopened, by a SYN of its holder', () => {
    const [flow] = run(`${CLOSED}
      reopen
      +5    c S  0
      +0.01 s S. 0 ack 1`);
    expect(flow?.timeWaits.client).toMatchObject({ endedBy: 'reopened', atMost: 5.01, expected: 60 });
    expect(statesFrom(flow!, 'client', 'CLOSED')).toEqual(['CLOSED 6.05 reopened']);
  });

  it('reopened, by a SYN of the peer that its holder accepts', () => {
    const [flow] = run(`${CLOSED_BY_SERVER}
      reopen
      +5    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1`);
    expect(flow?.timeWaits.server).toMatchObject({ endedBy: 'reopened', atMost: 5.01 });
    expect(statesFrom(flow!, 'server', 'CLOSED')).toEqual(['CLOSED 6.05 reopened']);
  });

  it('evicted, to bound memory', () => {
    const [flow] = run(`${CLOSED}\nwatch +1`, { capacity: 1 });
    expect(flow).toMatchObject({ evicted: true, state: { client: 'TIME_WAIT' } });
    expect(flow?.timeWaits.client?.endedBy).toBe('evicted');
  });

  it('nothing, when the peer of its holder sends a SYN and gets no answer', () => {
    const [flow, asked] = run(`${CLOSED_BY_SERVER}
      reopen
      +1 c S 0
      +1 c S 0
      watch +10`);
    expect(flow?.timeWaits.server).toMatchObject({ endedBy: 'capture-end', atLeast: 12.01 });
    expect(asked).toMatchObject({ closeKind: 'unanswered', client: 'SYN_SENT CLOSED' });
  });
});

describe('what is not the end of a TIME_WAIT, or not its proof', () => {
  it('an RST to it after the expected length', () => {
    const flow = runOne(`${CLOSED}
      +100 s R 2`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'expired', atMost: null });
  });

  it('a SYN at the very end of the expected length', () => {
    const [flow] = run(`${CLOSED}
      reopen
      +59.99 c S 0`);
    expect(flow?.timeWaits.client).toMatchObject({ endedBy: 'expired' });
  });

  it('an RST that does not answer what re-armed it', () => {
    const flow = runOne(`${CLOSED}
      +1    s F. 1 ack 2
      +0.01 c .  2 ack 2
      +5    c R  2`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'refused', rearmed: 1, atLeast: 1.01 });
  });
});
