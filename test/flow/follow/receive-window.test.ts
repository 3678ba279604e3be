import { describe, expect, it } from 'vitest';
import { ESTABLISHED } from '../fixtures.ts';
import { flowsOfFile, RECORDED } from '../recorded.ts';
import { runOne, swapEnds } from '../script.ts';

// How long a receive window was closed (RFC 9293 3.8.6).

const CLOSED = `
  +1    c P. 1:11 ack 1
  +0    s .  1 ack 11 win 0`;

describe('a receive window', () => {
  it.each<[string, string, number]>([
    ['that was never closed', '', 0],
    ['until a segment opens it', '+0.5 s . 1 ack 11', 0.5],
    ['until data opens it', '+0.5 s P. 1:11 ack 11', 0.5],
    ['through probes and their answers', '+0.2 c . 10 ack 1\n+0 s . 1 ack 11 win 0\n+0.4 s . 1 ack 11', 0.6],
    ['twice', '+0.5 s . 1 ack 11\n+1 s . 1 ack 11 win 0\n+0.25 s . 1 ack 11', 0.75],
    ['until the last segment of the flow', '+0.2 c . 10 ack 1\n+0.4 c . 10 ack 1', 0.6],
    ['not until the capture ended', '+0.2 c . 10 ack 1\nwatch +5', 0.2],
    ['until its end aborts', '+0.3 s R. 1 ack 11\n+1 c R 11', 0.3],
    ['until its peer aborts', '+0.3 c R. 11 ack 1\n+1 c R 11', 0.3],
    ['also behind a FIN', '+0.1 s F. 1 ack 11 win 0\n+0.1 c . 11 ack 2\n+0.1 c F. 11 ack 2', 0.3],
    [
      'not by an RST, whose window means nothing',
      '+0.5 s . 1 ack 11\n+1 s R. 1 ack 11 win 0\n+1 c . 11 ack 1',
      0.5,
    ],
    [
      'not by a segment that was overtaken',
      '+0.5 s . 1 ack 11\n+0.1 c P. 11:21 ack 1\n+0 s . 1 ack 21\n+0.1 s . 1 ack 11 win 0\n+1 s . 1 ack 21',
      0.5,
    ],
    ['not opened by a segment that was overtaken', '+0.1 s . 1 ack 1\n+0.4 s . 1 ack 11', 0.5],
    ['captured twice', 'dup +0.0001 ttl 63\n+0.5 s . 1 ack 11\ndup +0.0001 ttl 63', 0.5001],
    ['when the clock jumps back', '+0.5 s . 1 ack 11 win 0\n-2 s . 1 ack 11 win 0\n+0.25 s . 1 ack 11', 0.75],
  ])('%s', (_, script, seconds) => {
    const rest = script === '' ? '+1 c P. 1:11 ack 1\n+0 s . 1 ack 11' : `${CLOSED}\n${script}`;
    expect(runOne(`${ESTABLISHED}\n${rest}`).counts).toMatchObject({
      client: { zeroWindow: 0 },
      server: { zeroWindow: seconds },
    });
    expect(runOne(`${ESTABLISHED}\n${swapEnds(rest)}`).counts).toMatchObject({
      client: { zeroWindow: seconds },
      server: { zeroWindow: 0 },
    });
  });

  it('is closed by no SYN', () => {
    const { counts } = runOne(`
      +0 c S  0 win 0
      +1 s S. 0 ack 1 win 0
      +1 c .  1 ack 1`);
    expect(counts).toMatchObject({ client: { zeroWindow: 0 }, server: { zeroWindow: 0 } });
  });

  it('is unknown of an end of which nothing was captured', () => {
    const { counts } = runOne('+0 c S 0\n+1 c S 0');
    expect(counts).toMatchObject({ client: { zeroWindow: 0 }, server: { zeroWindow: null } });
  });

  it('counts as closed for 2^32 - 1 microseconds at most', () => {
    const probes = '+3000 c . 10 ack 1\n+0 s . 1 ack 11 win 0\n'.repeat(3);
    expect(runOne(`${ESTABLISHED}${CLOSED}\n${probes}`).counts.server.zeroWindow).toBe(4294.967295);
  });

  it('of Linux that nobody reads from is closed through the probes', async () => {
    const [flow] = await flowsOfFile('zero-window-fin.pcap', RECORDED);
    // Window 0 in frames 11 to 16.
    expect(flow?.counts).toMatchObject({ client: { zeroWindow: 0 }, server: { zeroWindow: 1.523805 } });
  });
});
