import { describe, expect, it } from 'vitest';
import {
  ACCEPTED,
  CLOSED,
  CLOSED_BY_SERVER,
  ESTABLISHED,
  expectPaths,
  HALF_CLOSED,
  meaningOf,
  OPENED,
  statesFrom,
} from './fixtures.ts';
import type { FlowResult } from './result.ts';
import { run, runOne } from './script.ts';

const RESET = `${ESTABLISHED}
  +1 c R. 1 ack 1`;
const WITH_DATA = `${ESTABLISHED}
  +1    c P. 1:11 ack 1
  +0.01 s .  1    ack 11`;
/** Another connection of the same addresses and ports. */
const OPENED_AGAIN = `
  +1    c S  0
  +0.01 s S. 0 ack 1
  +0.01 c .  1 ack 1`;

/** Expects two flows, the second one just opened. */
function expectTwo(flows: FlowResult[]): [FlowResult, FlowResult] {
  expect(flows.map(({ firstFrame }) => firstFrame)).toHaveLength(2);
  const [old, fresh] = flows;
  expectPaths(fresh!, OPENED, ACCEPTED);
  expect(fresh).toMatchObject({ roleEvidence: 'syn', closeKind: 'open' });
  return [old!, fresh!];
}

describe('the same addresses and ports again', () => {
  it.each([
    ['a new ISN after the close', CLOSED, 'reopen', 'fin'],
    ['a new ISN after the close by the server', CLOSED_BY_SERVER, 'reopen', 'fin'],
    ['a new ISN after an RST', RESET, 'reopen', 'reset'],
    ['case 23: the same ISN after FINs', `${CLOSED}\nwatch +3`, '', 'fin'],
    ['case 23: the same ISN after an RST', `${RESET}\nwatch +3`, '', 'reset'],
  ])('%s: a new flow', (_, before, reopen, kind) => {
    const [old, fresh] = expectTwo(run(`${before}\n${reopen}${OPENED_AGAIN}`));
    expect(old.closeKind).toBe(kind);
    expect(fresh.opened).not.toBeNull();
    expect(old.counts.client.segments + old.counts.server.segments).toBe(kind === 'fin' ? 7 : 4);
  });

  it('by the other end: the server of the old flow may be the client of the new one', () => {
    const [, fresh] = run(`${CLOSED}
      reopen
      +1    s S  0
      +0.01 c S. 0 ack 1
      +0.01 s .  1 ack 1`);
    expect(fresh).toMatchObject({ client: OPENED, server: ACCEPTED, ports: { client: 80, server: 40_000 } });
  });

  it.each([
    ['while the handshake goes on', '+0 c S 0\n+0.01 s S. 0 ack 1'],
    ['after it', ESTABLISHED],
    ['after a quick close', CLOSED.replace('+1 ', '+0.1 ')],
  ])('case 23: the original SYN, late or doubled %s, is no new flow', (_, before) => {
    const flow = runOne(`${before}
      +0.2 c S 0`);
    expect(flow.segments.at(-1)?.meaning).toBe('retransmitted SYN');
  });

  it('a thousand times: a thousand flows', () => {
    const again = Array.from({ length: 999 }, () => `reopen${OPENED_AGAIN}\n+1 c R. 1 ack 1`);
    const flows = run([RESET, ...again].join('\n'));
    expect(flows).toHaveLength(1000);
    expect(new Set(flows.map(({ closeKind }) => closeKind))).toEqual(new Set(['reset']));
  });
});

describe('case 21: a SYN on a TIME_WAIT', () => {
  it('is accepted', () => {
    const [old] = expectTwo(run(`${CLOSED_BY_SERVER}\nreopen${OPENED_AGAIN}`));
    expect(old.timeWaits.server?.endedBy).toBe('reopened');
  });

  it('is answered with the old ACK, which an RST answers; the SYN sent again is accepted', () => {
    const flows = run(`${CLOSED_BY_SERVER}
      +1    c S  -50000
      +0.01 s .  2       ack 2
      +0.01 c R  2
      +1    c S  -50000
      +0.01 s S. 900000  ack -49999
      +0.01 c .  -49999  ack 900001`);
    const [old, fresh] = expectTwo(flows);
    expect(statesFrom(fresh, 'client', 'SYN_SENT')[0]).toBe('SYN_SENT 2.05 #8 sent');
    expect(statesFrom(fresh, 'server', 'SYN_RECEIVED')[0]).toBe('SYN_RECEIVED 3.07 #11 acked');
    expect(old).toMatchObject({ closeKind: 'fin', closeEnded: 1.05 });
    expect(old.timeWaits.server).toMatchObject({ endedBy: 'reset', atMost: 1.03 });
  });
});

describe('a SYN on an open flow', () => {
  it('case 22: is answered by a challenge ACK, and the flow continues', () => {
    const [flow, asked] = run(`${WITH_DATA}
      +10   c S  7000000
      +0.01 s .  1     ack 11
      +1    c P. 11:21 ack 1
      +0.01 s .  1     ack 21`);
    expectPaths(flow!, OPENED, ACCEPTED);
    expect(flow?.counts.client.bytes).toBe(20);
    expect(meaningOf(flow!, 6)).toBe('SYN on an open flow');
    expect(asked).toMatchObject({ closeKind: 'unanswered', client: 'SYN_SENT', server: '', firstFrame: 6 });
  });

  it('case 22: challenge ACK, RST, and the SYN sent again is accepted', () => {
    const flows = run(`${WITH_DATA}
      +10   c S  7000000
      +0.01 s .  1       ack 11
      +0.01 c R  11
      +1    c S  7000000
      +0.01 s S. 9000000 ack 7000001
      +0.01 c .  7000001 ack 9000001`);
    const [old, fresh] = expectTwo(flows);
    expect(old).toMatchObject({ closeKind: 'reset', closedFirst: 'client', closeStarted: 11.05 });
    expect(statesFrom(old, 'server', 'CLOSED')).toEqual(['CLOSED 11.05 #8 rst-received']);
    expect(statesFrom(fresh, 'client', 'SYN_SENT')[0]).toBe('SYN_SENT 11.03 #6 sent');
    expect(statesFrom(fresh, 'server', 'SYN_RECEIVED')[0]).toBe('SYN_RECEIVED 12.05 #9 acked');
  });

  it('case 22: does not end the TIME_WAIT of a close that comes after it', () => {
    const [flow] = run(`${WITH_DATA}
      +3    c S  7000000
      +0.01 s .  1     ack 11
      +3    c F. 11    ack 1
      +0.01 s F. 1     ack 12
      +0.01 c .  12    ack 2`);
    expect(flow?.timeWaits.client).toMatchObject({ endedBy: 'capture-end' });
    expect(flow?.client).toMatch(/TIME_WAIT$/);
  });

  it('counts as a segment of the open flow where another one follows', () => {
    const flows = run(`${WITH_DATA}
      +3 c S 7000000
      +1 c S 8000000
      +1 c S 9000000`);
    expect(flows.map(({ counts }) => counts.client.segments)).toEqual([5, 1]);
  });

  it('answered by a SYN-ACK is a new flow, from its first SYN on', () => {
    const flows = run(`${WITH_DATA}
      +10   c S  7000000
      +1    c S  7000000
      +0.01 s S. 9000000 ack 7000001
      +0.01 c .  7000001 ack 9000001`);
    const [, fresh] = expectTwo(flows);
    expect(statesFrom(fresh, 'client', 'SYN_SENT')[0]).toBe('SYN_SENT 11.03 #6 sent');
    expect(statesFrom(fresh, 'server', 'SYN_RECEIVED')[0]).toBe('SYN_RECEIVED 12.03 #7 acked');
    expect(fresh.counts.client.retransmissions).toBe(1);
  });

  it('answered by an RST is a refused flow', () => {
    const [, asked] = run(`${WITH_DATA}
      +10   c S  7000000
      +0.01 s R. 0 ack 7000001`);
    expect(asked).toMatchObject({ closeKind: 'refused', resetBy: 'server', firstFrame: 6 });
  });

  it('unanswered becomes a row of its own, with all that was sent', () => {
    const [flow, asked] = run(`${WITH_DATA}
      +10 c S 7000000
      +1  c S 7000000
      +2  c S 7000000`);
    expectPaths(flow!, OPENED, ACCEPTED);
    expect(flow?.counts.client.segments).toBe(3);
    expect(asked).toMatchObject({ closeKind: 'unanswered', firstFrame: 6, first: 11.03, last: 14.03 });
    expect(asked?.counts.client).toMatchObject({ segments: 3, retransmissions: 2 });
  });

  it('case 29: in LAST_ACK, the ACK that answers a new SYN is not the last ACK', () => {
    const [old] = run(`${ESTABLISHED}
      +1    s F. 1 ack 1
      +0.01 c .  1 ack 2
      +0.01 c F. 1 ack 2
      +1.5  c S  7000000
      +0.01 s .  2 ack 2`);
    expect(old?.client).toBe(`${OPENED} CLOSE_WAIT LAST_ACK`);
    expect(meaningOf(old!, 8)).toBe('challenge ACK');
  });
});

describe('a flow that waits for its successor to be answered', () => {
  const SYN_UNANSWERED = `
    reopen
    +1 c S 0`;

  it('is one row, however long that takes', () => {
    const flows = run(`${CLOSED_BY_SERVER}${SYN_UNANSWERED}
      watch +200
      +1    s S. 0 ack 1
      +0.01 c .  1 ack 1
      watch +200`);
    const [old] = expectTwo(flows);
    expect(old.closeKind).toBe('fin');
  });

  it.each([
    ['soon', ''],
    ['late', 'watch +200'],
  ])('takes nothing with it when another SYN comes %s', (_, wait) => {
    const flows = run(`${CLOSED_BY_SERVER}${SYN_UNANSWERED}
      ${wait}${SYN_UNANSWERED}${SYN_UNANSWERED}
      watch +200`);
    expect(flows.map(({ closeKind }) => closeKind)).toEqual(['fin', ...Array(3).fill('unanswered')]);
    expect(flows.slice(1).map(({ client }) => client)).toEqual([
      'SYN_SENT CLOSED',
      'SYN_SENT CLOSED',
      'SYN_SENT CLOSED',
    ]);
  });
});

it('SYNs of both ends on an open flow, which is then reset, come to an end', () => {
  const flows = run(`${ESTABLISHED}
    +1 c S  7000000
    +1 s S  9000000
    +1 s R  1`);
  expect(flows.map(({ closeKind }) => closeKind)).toEqual(['reset', 'unanswered']);
});

describe('what a new connection replaces', () => {
  const HALF_CLOSED_LONG_AGO = `${HALF_CLOSED}
    reopen
    +100 c S 0`;

  it('is gone at both ends once it is answered', () => {
    const [old] = expectTwo(
      run(`${HALF_CLOSED_LONG_AGO}
        +0.01 s S. 0 ack 1
        +0.01 c .  1 ack 1`),
    );
    expect(old.closeKind).toBe('half');
    expect(statesFrom(old, 'client', 'FIN_WAIT_2')).toEqual([
      'FIN_WAIT_2 1.03 #5 seen',
      'CLOSED 101.03 reopened',
    ]);
    expect(statesFrom(old, 'server', 'CLOSE_WAIT')).toEqual([
      'CLOSE_WAIT 1.02 #4 acked',
      'CLOSED 101.04 reopened',
    ]);
    expect(old.observed).toBe(101.04);
  });

  it('is gone at both ends when it is refused', () => {
    const [old] = run(`${HALF_CLOSED_LONG_AGO}
      +0.01 s R. 0 ack 1`);
    expect(old?.state).toEqual({ client: 'CLOSED', server: 'CLOSED' });
  });

  it('still exists if nothing answers', () => {
    const [old] = run(HALF_CLOSED_LONG_AGO);
    expect(old?.state).toEqual({ client: 'FIN_WAIT_2', server: 'CLOSE_WAIT' });
  });

  it('is gone at both ends if only the SYN-ACK was captured', () => {
    const [old] = run(`${ESTABLISHED}
      +1    s P. 1:11 ack 1
      reopen
      +100  s S. 0 ack 1`);
    expect(old?.state).toEqual({ client: 'CLOSED', server: 'CLOSED' });
  });

  it('is an unanswered SYN, when its sender sends another one', () => {
    const [old] = run(`
      +0 c S 0
      reopen
      +5 c S 0`);
    expect(statesFrom(old!, 'client', 'SYN_SENT')).toEqual(['SYN_SENT 0 #1 sent', 'CLOSED 5 reopened']);
  });

  it('is a TIME_WAIT that its peer was not known to have got the last ACK of', () => {
    const [old] = run(`${CLOSED_BY_SERVER}
      +0.3  c F. 1 ack 2
      reopen
      +1    c S  0
      +0.01 s S. 0 ack 1`);
    expect(old?.timeWaits.server?.endedBy).toBe('reopened');
    expect(old?.state).toEqual({ client: 'CLOSED', server: 'CLOSED' });
  });

  it('still existed when it was re-armed while the SYN was in flight', () => {
    const [old] = run(`${CLOSED_BY_SERVER}
      reopen
      +1    c S  0
      +0.01 c .  -9999998 ack -9999998
      +0.01 s S. 0 ack 1`);
    expect(old?.timeWaits.server).toMatchObject({ endedBy: 'reopened', atLeast: 1.02, atMost: 1.02 });
  });
});
