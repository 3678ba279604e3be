import { describe, expect, it } from 'vitest';
import { run } from '../script.ts';

// What a filter let through is all that a capture shows: an end is not said to stand in a state that it left by
// something which was filtered out, and what is there counts.

const SHAKEN = '+0 c S 0\n+0.01 s S. 0 ack 1';

describe('of a capture of SYN, FIN and RST only', () => {
  it('the first FIN tells who closed first, and no end stands amid the close', () => {
    const [flow] = run(`${SHAKEN}\n+1 c F. 101 ack 5001\n+0.01 s F. 5001 ack 102`);
    expect(flow).toMatchObject({ closedFirst: 'client', client: expect.stringMatching(/UNKNOWN$/) });
    expect(flow?.server).toMatch(/UNKNOWN$/);
  });

  it('FINs that do not acknowledge each other crossed', () => {
    const [flow] = run(`${SHAKEN}\n+1 c F. 101 ack 5001\n+0.01 s F. 5001 ack 101`);
    expect(flow?.closedFirst).toBe('both');
  });

  it('an RST behind data that was filtered out ends both ends', () => {
    const [flow] = run(`${SHAKEN}\n+1 s R. 5001 ack 101`);
    expect(flow).toMatchObject({ closeKind: 'reset', resetBy: 'server' });
    expect([flow?.client, flow?.server]).toEqual([
      expect.stringMatching(/CLOSED$/),
      expect.stringMatching(/CLOSED$/),
    ]);
  });
});
