import { describe, expect, it } from 'vitest';
import { CLOSED, ESTABLISHED, HALF_CLOSED, meaningOf } from '../fixtures.ts';
import { run, runOne } from '../script.ts';

// What an RST most likely was, and what speaks for it: one row per kind and its evidence.

describe('reset_kind and reset_evidence', () => {
  it.each([
    ['a SYN answered by RST', '+0 c S 0\n+0.01 s R. 0 ack 1', 'refused', 'answers-syn'],
    [
      'data to an endpoint that has closed',
      `${HALF_CLOSED}\n+1 s P. 1:11 ack 2\n+0 c R 2`,
      'data-after-close',
      'data-after-fin',
    ],
    [
      'case 33: an abort after the peer had sent data',
      `${ESTABLISHED}\n+0.1 s P. 1:11 ack 1\n+0.01 c . 1 ack 11\n+1 c R. 1 ack 11`,
      'unread-data-or-linger',
      'data-from-peer',
    ],
    [
      'case 33: an abort with nothing to read',
      `${ESTABLISHED}\n+0.1 c P. 1:11 ack 1\n+0.01 s . 1 ack 11\n+1 c R. 11 ack 1`,
      'unread-data-or-linger',
      'no-data-from-peer',
    ],
    ['an RST at rcv_nxt in TIME_WAIT', `${CLOSED}\n+1 s R 2`, 'time-wait-assassination', 'peer-in-time-wait'],
    ['an answer after the close', `${CLOSED}\n+100 s F. 1 ack 2\n+0 c R 2`, 'late-segment', 'after-close'],
    [
      'data answered by RST without ACK: the socket is gone',
      `${ESTABLISHED}\n+1 s P. 1:11 ack 1\n+0.01 c R 1`,
      'late-segment',
      'no-socket',
    ],
    [
      'a SYN-ACK answered by a kernel that has sent no SYN: a scanner made that, with another TTL',
      '+0 c S 0 ttl 41\n+0.05 s S. 0 ack 1\n+0.001 c R 1 ttl 64',
      'late-segment',
      'no-socket',
    ],
    [
      'an RST with the TTL of another place',
      `${ESTABLISHED}\n+1 s P. 1:11 ack 1\n+0.01 c R. 1 ack 11 ttl 57`,
      'injected',
      'other-ttl',
    ],
    [
      'keep-alives without an answer, then RST',
      `${ESTABLISHED}\n+3 c . 0 ack 1\n+3 c . 0 ack 1\n+3 c . 0 ack 1\n+3 c R. 1 ack 1`,
      'keep-alive-failed',
      'probes-unanswered',
    ],
    [
      'the first segment after a long silence is answered by RST alone',
      `${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+0.01 s . 1 ack 11\n+350 c P. 11:21 ack 1\n+0.01 s R 1`,
      'idle',
      'after-silence',
    ],
  ])('%s', (_, script, resetKind, resetEvidence) => {
    expect(runOne(script)).toMatchObject({ resetKind, resetEvidence });
  });

  it.each([
    [
      'the first RST says that data crossed the FIN, though its receiver is beyond it',
      '+0 c P. 1:32 ack 101\n+0.01 s R 101\n+0 s R 133\n+0 s R 133',
      'data-crossed-fin',
    ],
    [
      'the same where all of its RSTs are short of what its receiver expects but the last',
      '+0 c P. 1:32 ack 101\n+0 c F. 32 ack 133\n+0.01 s R 101\n+0 s R 101\n+0 s R 133',
      'data-crossed-fin',
    ],
    [
      'the first RST says that the data came after the FIN, though data crossed another time',
      '+0 c P. 1:32 ack 133\n+0.01 s R 133\n+0 s R 101',
      'data-after-fin',
    ],
    [
      'an RST out of the window before the close says nothing',
      '+0 c P. 1:32 ack 133\n+0.01 s R 133',
      'data-after-fin',
      '+0.5 s R 51',
    ],
  ])('%s', (_, then, resetEvidence, before = '') => {
    const flow = runOne(`${ESTABLISHED}
      +0.1  s P. 1:101 ack 1
      +0    c .  1 ack 101
      +0    s P. 101:132 ack 1
      ${before}
      +0    s F. 132 ack 1
      +0    c .  1 ack 133
      ${then}`);
    expect(flow).toMatchObject({ closedFirst: 'server', resetKind: 'data-after-close', resetEvidence });
  });

  it('one hop more is a change of route, not an injection', () => {
    const flow = runOne(`${ESTABLISHED}\n+1 c R. 1 ack 1 ttl 63`);
    expect(flow.resetKind).toBe('unread-data-or-linger');
  });

  it('case 14: an RST after which its sender continues was injected, and ended nothing', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    s R. 1 ack 1
      +0.1  s P. 1:11 ack 1
      +0.01 c .  1 ack 11`);
    expect(flow).toMatchObject({
      closeKind: 'open',
      resetBy: null,
      resetKind: 'injected',
      resetEvidence: 'sender-went-on',
    });
    expect(meaningOf(flow, 4)).toBe('spurious RST');
  });

  it('answered keep-alives do not make a later abort their failure', () => {
    const flow = runOne(`${ESTABLISHED}
      +3    c .  0 ack 1
      +0.01 s .  1 ack 1
      +3    c .  0 ack 1
      +0.01 s .  1 ack 1
      +1    c R. 1 ack 1`);
    expect(flow).toMatchObject({ resetKind: 'unread-data-or-linger', resetEvidence: 'no-data-from-peer' });
    expect(meaningOf(flow, 4)).toBe('keep-alive');
  });

  it('an RST long after the answer to a late segment is no matter of silence', () => {
    const flow = runOne(`${ESTABLISHED}
      +350  c P. 1:11 ack 1
      +0.01 s .  1 ack 11
      +1    s R. 1 ack 11`);
    expect(flow.resetKind).toBe('unread-data-or-linger');
  });

  it.each([
    ['two keep-alives without an answer are enough', 2, 'probes-unanswered'],
    ['one is not', 1, 'no-data-from-peer'],
  ])('%s', (_, count, evidence) => {
    const probes = Array.from({ length: count }, () => '+3 c . 0 ack 1').join('\n');
    expect(runOne(`${ESTABLISHED}\n${probes}\n+3 c R. 1 ack 1`).resetEvidence).toBe(evidence);
  });

  it("the peer's keep-alives do not count", () => {
    const flow = runOne(`${ESTABLISHED}
      +3 c . 0 ack 1
      +3 s . 0 ack 1
      +3 c . 0 ack 1
      +3 c R. 1 ack 1`);
    expect(flow.resetEvidence).toBe('no-data-from-peer');
  });

  it('nothing but data of the peer after a FIN is data after close', () => {
    const flow = runOne(`${HALF_CLOSED}
      +0.1 s . 1 ack 2
      +0.1 c R 2`);
    expect(flow.resetEvidence).toBe('no-socket');
  });

  it('an RST does not answer a silence that its own sender broke', () => {
    const flow = runOne(`${ESTABLISHED}
      +350 c P. 1:11 ack 1
      +0.1 c R. 11   ack 1`);
    expect(flow.resetEvidence).toBe('no-data-from-peer');
  });

  it('an RST answers the first segment after a silence also if the flow is not the first in the table', () => {
    const flows = run(`${ESTABLISHED}
      +1   c R. 1 ack 1
      reopen${ESTABLISHED}
      +350 c P. 1:11 ack 1
      +0.1 s R  1`);
    expect(flows[1]?.resetEvidence).toBe('after-silence');
  });
});
