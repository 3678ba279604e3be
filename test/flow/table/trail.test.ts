import { describe, expect, it } from 'vitest';
import { TRAIL_LIMIT } from '../../../src/flow/table/trail.ts';
import { CLOSED, ESTABLISHED, statesFrom } from '../fixtures.ts';
import { run, runOne } from '../script.ts';

/** Segments that a trail takes in, and that change nothing else. */
const outOfWindow = (sender: 'c' | 's', count: number) =>
  Array.from({ length: count }, () => `+0.1 ${sender} R -5000`).join('\n');

describe('a full trail keeps', () => {
  it('the segment that has re-armed a TIME_WAIT', () => {
    const flow = runOne(`${CLOSED}
      +1 s . 2 ack 2
      ${outOfWindow('s', 2 * TRAIL_LIMIT)}
      watch +60`);
    expect(flow.segments).toHaveLength(TRAIL_LIMIT);
    expect(flow.segments.map(({ frame }) => frame)).toContain(8);
    expect(flow.timeWaits.client).toMatchObject({ rearmed: 1, expected: 61.01, endedBy: 'expired' });
  });

  it('the SYN on an open flow that a SYN-ACK may still answer', () => {
    const flows = run(`${ESTABLISHED}
      +1 c S 7000000
      ${outOfWindow('s', 2 * TRAIL_LIMIT)}
      +1 s S. 9000000 ack 7000001`);
    expect(flows).toHaveLength(2);
    expect(statesFrom(flows[1]!, 'client', 'SYN_SENT')[0]).toBe('SYN_SENT 1.02 #4 sent');
  });

  it('the segment that broke a long silence, which an RST answers', () => {
    const flow = runOne(`${ESTABLISHED}
      +400 c P. 1:11 ack 1
      ${outOfWindow('c', TRAIL_LIMIT - 4)}
      +0.1 s R 1`);
    expect(flow.segments).toHaveLength(TRAIL_LIMIT);
    expect(flow.resetEvidence).toBe('after-silence');
  });
});
