import { describe, expect, it } from 'vitest';
import { CLOSED, ESTABLISHED, HALF_CLOSED } from '../fixtures.ts';
import { runOne } from '../script.ts';

// Capture clocks are not to be trusted: they jump back, and a damaged record may have any time.

const DAYS = 86_400;

describe('a timestamp far ahead', () => {
  it('of one segment alone ends nothing', () => {
    const flow = runOne(`${CLOSED}\nwatch +${400 * DAYS}`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'capture-end' });
    expect(flow.state.client).toBe('TIME_WAIT');
  });

  it('counts once a second one confirms it', () => {
    const flow = runOne(`${CLOSED}\nwatch +${400 * DAYS}\nwatch +1`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'expired' });
  });

  it('of some hours is a quiet night', () => {
    expect(runOne(`${CLOSED}\nwatch +40000`).timeWaits.client).toMatchObject({ endedBy: 'expired' });
  });
});

describe('a clock that jumps back', () => {
  it('does not let a state be entered before the one it follows', () => {
    const flow = runOne(`${HALF_CLOSED}
      -0.5 s F. 1 ack 2
      +0   c .  2 ack 2`);
    const times = flow.stateTimes.server.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('does not let a close end before it began', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c F. 1 ack 1
      -0.5 s R. 1 ack 2`);
    expect(flow.closeEnded).toBe(flow.closeStarted);
  });
});
