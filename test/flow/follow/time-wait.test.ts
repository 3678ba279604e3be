import { describe, expect, it } from 'vitest';
import { CLOSED, CLOSED_BY_SERVER, ESTABLISHED, HALF_CLOSED, statesFrom } from '../fixtures.ts';
import { run, runOne } from '../script.ts';

const CROSSED = `${ESTABLISHED}
  +1    c F. 1 ack 1
  +0.01 s F. 1 ack 1
  +0.01 c .  2 ack 2
  +0.01 s .  2 ack 2`;

describe('case 17: a TIME_WAIT is re-armed', () => {
  it('by a FIN sent again', () => {
    const flow = runOne(`${CLOSED}
      +1    s F. 1 ack 2
      +0.01 c .  2 ack 2
      watch +61`);
    expect(flow.timeWaits.client).toEqual({
      atLeast: 1.01,
      atMost: null,
      expected: 61.01,
      endedBy: 'expired',
      rearmed: 1,
      evidence: 'profile',
      profile: 'linux',
      profileEvidence: 'default',
    });
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 62.05 timer']);
  });

  it('by a bare ACK in order', () => {
    const flow = runOne(`${CLOSED}
      +1 s . 2 ack 2
      watch +59.5`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'capture-end', expected: 61.01, rearmed: 1 });
  });

  it('not by an old SYN', () => {
    const [flow] = run(`${CLOSED}
      +1 s S -100
      watch +59.5`);
    expect(flow?.timeWaits.client).toMatchObject({ endedBy: 'expired', expected: 60, rearmed: 0 });
  });

  it('at either end when the FINs crossed', () => {
    const flow = runOne(`${CROSSED}
      +1 c . 2 ack 2`);
    expect(flow.timeWaits.server?.rearmed).toBe(1);
  });
});

describe('TIME_WAIT is entered by', () => {
  it.each([
    ['the end that closed first', CLOSED, ['client']],
    ['the server where it closed first', CLOSED_BY_SERVER, ['server']],
    ['both where the FINs crossed', CROSSED, ['client', 'server']],
    ['nobody after an RST', `${HALF_CLOSED}\n+1 s R. 1 ack 2`, []],
    ['nobody while one direction is open', HALF_CLOSED, []],
  ])('%s', (_, script, ends) => {
    expect(Object.keys(runOne(script).timeWaits)).toEqual(ends);
  });
});
