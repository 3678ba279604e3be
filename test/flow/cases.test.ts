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
} from './fixtures.ts';
import { run, runOne } from './script.ts';

// Cases that need more than one part of the tracker: what kernels do beyond figure 5.

describe('an RST that is not at the expected number (RFC 5961)', () => {
  it('case 13: at the right edge of what was selectively acknowledged it is accepted', () => {
    const flow = runOne(`${ESTABLISHED}
      +0.1   c P. 101:201 ack 1
      +0.010 s .  1 ack 1 sack 101:201
      +0.010 c R. 201 ack 1`);
    expectPaths(flow, `${OPENED} CLOSED`, `${ACCEPTED} CLOSED`);
  });

  it('case 13: one that draws a challenge ACK closes nothing', () => {
    const flow = runOne(`${ESTABLISHED}
      +0.1    c P. 101:201 ack 1
      +0.0001 c R. 151 ack 1
      +0.0001 s .  1 ack 1
      +0.1    c P. 1:101 ack 1
      +0.0001 s .  1 ack 201`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.closeKind).toBe('open');
  });

  it('case 12: without ACK and with sequence number 0 it refuses nothing', () => {
    const flow = runOne(`
      +0    c S 0
      +0.01 s R 0
      +0.5  c S 0
      +0.01 s S. 0 ack 1
      +0.01 c . 1 ack 1`);
    expectPaths(flow, OPENED, ACCEPTED);
  });

  it('case 12: its payload takes no sequence numbers', () => {
    const flow = runOne(`${ESTABLISHED}
      +0.1 s R. 1:21 ack 1
      +0   c R  1`);
    expect(flow.counts.server.bytes).toBe(0);
    expect(flow.resetBy).toBe('server');
  });
});

describe('case 16: a FIN held back by a closed window', () => {
  it('is not sent, so the wire shows ESTABLISHED; the probes are keep-alives', () => {
    const flow = runOne(`${ESTABLISHED}
      +0.1  c P. 1:101 ack 1
      +0.01 s .  1 ack 101 win 0
      +0.2  c .  100 ack 1
      +0.01 s .  1 ack 101 win 0
      +0.4  c .  100 ack 1
      +0.01 s .  1 ack 101 win 0`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(meaningOf(flow, 6)).toBe('keep-alive');
    expect(flow.history).toBe('ShADaw');
  });
});

describe('case 19: an orphan in FIN_WAIT_2', () => {
  it('goes to TIME_WAIT on a bare FIN', () => {
    const flow = runOne(`${HALF_CLOSED}
      +5 s F. 1 ack 2
      +0 c .  2 ack 2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
  });

  it('answers new data with RST, and both are closed', () => {
    const flow = runOne(`${HALF_CLOSED}
      +5    s P. 1:11 ack 2
      +0.01 c R  2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT CLOSED`);
    expect(flow).toMatchObject({
      closeKind: 'fin-reset',
      closedFirst: 'client',
      resetKind: 'data-after-close',
    });
  });
});

describe('case 20: FIN_WAIT_2 after shutdown() has no end of its own', () => {
  it('it stands for as long as the capture lasts, and is censored', () => {
    const flow = runOne(`${HALF_CLOSED}\nwatch +3600`);
    expect(flow.state).toEqual({ client: 'FIN_WAIT_2', server: 'CLOSE_WAIT' });
    expect(flow.closeEnded).toBeNull();
  });
});

describe('case 21: a SYN that meets a TIME_WAIT', () => {
  it('is answered by the old ACK, that by RST, and the SYN sent again opens', () => {
    const [old, fresh] = run(`${CLOSED}
      reopen isn c 50 s 90
      +1      s S  0
      +0.0001 c .  -1000048 ack -2000088
      +0.0001 s R  -2000088
      +1      s S  0
      +0.0001 c S. 0 ack 1
      +0.0001 s .  1 ack 1`);
    expect(old?.closeKind).toBe('fin');
    expect(fresh?.closeKind).toBe('open');
    expect(run(`${CLOSED}\nreopen\n+1 s S 0`)).toHaveLength(2);
  });

  it('dropped, it is an unanswered flow, and the TIME_WAIT stays', () => {
    const [old, fresh] = run(`${CLOSED}
      reopen
      +1 s S 0
      +1 s S 0`);
    expect(fresh?.closeKind).toBe('unanswered');
    expect(fresh?.counts.client).toMatchObject({ segments: 2, retransmissions: 1 });
    expect(old?.timeWaits.client).toMatchObject({ endedBy: 'capture-end' });
  });
});

describe('case 27: no TIME_WAIT at all (tcp_max_tw_buckets)', () => {
  it('the late FIN is answered by RST: whatever TIME_WAIT there was is over by then', () => {
    const flow = runOne(`${CLOSED}
      +0.2    s F. 1 ack 2
      +0.0001 c R  2`);
    expect(flow.timeWaits.client).toMatchObject({ endedBy: 'refused', evidence: 'rst-sent', atLeast: 0 });
    expect(statesFrom(flow, 'client', 'CLOSED')).toHaveLength(1);
  });
});

describe('case 30: TCP Fast Open', () => {
  it('data on the SYN are data, and the SYN-ACK that takes them opens', () => {
    const flow = runOne(`
      +0    c S  0:100
      +0.01 s S. 0 ack 101
      +0.01 c .  101 ack 1`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.counts.client.bytes).toBe(100);
  });

  it('a SYN-ACK that takes only the SYN makes the data come again', () => {
    const flow = runOne(`
      +0    c S  0:100
      +0.01 s S. 0 ack 1
      +0.01 c P. 1:101 ack 1
      +0.01 s .  1 ack 101`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.counts.client).toMatchObject({ bytes: 100, retransmissions: 1 });
  });
});

describe('a FIN that was not captured', () => {
  it('shows in the number of the ACK after it: the two FINs had crossed', () => {
    const flow = runOne(`${ESTABLISHED}
      +1      c F. 1 ack 1
      +0.0001 s .  2 ack 2
      +0.2    s F. 1 ack 2
      +0.0001 c .  2 ack 2`);
    expectPaths(
      flow,
      `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`,
      `${ACCEPTED} FIN_WAIT_1 CLOSING TIME_WAIT`,
    );
    expect(statesFrom(flow, 'server', 'FIN_WAIT_1')[0]).toContain('inferred');
  });

  it('one byte of data that comes later was no FIN', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   s .  2 ack 1
      +0.1 s P. 1:2 ack 1
      +0.1 c .  1 ack 2`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.closeKind).toBe('open');
  });
});
