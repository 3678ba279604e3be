import { describe, expect, it } from 'vitest';
import {
  ACCEPTED,
  CLOSED,
  CLOSED_BY_SERVER,
  ESTABLISHED,
  expectPaths,
  HALF_CLOSED,
  OPENED,
  statesFrom,
} from './fixtures.ts';
import { ENDS, parse, run, runOne } from './script.ts';

// Which of two connections of the same addresses and ports a segment belongs to, and what the second
// one proves of the first.

const WITH_DATA = `${ESTABLISHED}
  +1    c P. 1:11 ack 1
  +0.01 s .  1    ack 11`;
/** A connection before the others, so that none of them is the first in the table. */
const BEFORE = `${ESTABLISHED}
  +1 c R. 1 ack 1
  reopen`;
const CROSSED = `${ESTABLISHED}
  +1    c F. 1 ack 1
  +0.03 s F. 1 ack 1
  +0    c .  2 ack 2
  +0.03 s .  2 ack 2`;

describe('a TIME_WAIT that a new connection ends', () => {
  it('was recycled by the server if the ISN of its SYN-ACK is the old snd_nxt + 65537', () => {
    const flows = run(`${BEFORE}
      ${CLOSED_BY_SERVER}
      reopen isn s 12065539
      +1    c S  0
      +0.01 s S. 0 ack 1`);
    expect(flows[1]?.timeWaits.server).toMatchObject({
      endedBy: 'reopened',
      evidence: 'isn-65537',
      atLeast: 1.01,
    });
  });

  it('was recycled by the client if that answers the SYN of the old server', () => {
    const flows = run(`${BEFORE}
      ${CLOSED}
      reopen isn c 11065539
      +1    s S  0
      +0.01 c S. 0 ack 1`);
    expect(flows[1]?.timeWaits.client).toMatchObject({
      endedBy: 'reopened',
      evidence: 'isn-65537',
      atLeast: 1.01,
    });
    expect(flows[1]?.timeWaits.server).toBeUndefined();
  });

  it('was reopened, whether or not it still existed, if the ISN is any other', () => {
    const [old] = run(`${CLOSED}
      reopen
      +5    c S  0
      +0.01 s S. 0 ack 1`);
    expect(old?.timeWaits.client).toMatchObject({
      endedBy: 'reopened',
      evidence: 'syn-accepted',
      atLeast: 0,
    });
  });

  it('is that of the sender of the SYN, not that of the other end, as long as there is no answer', () => {
    const [old] = run(`${CROSSED}
      reopen
      +1 c S 0
      watch +10`);
    expect(old?.timeWaits).toMatchObject({
      client: { endedBy: 'reopened', atMost: 1 },
      server: { endedBy: 'capture-end' },
    });
  });

  it('is that of both ends once there is one', () => {
    const [old] = run(`${CROSSED}
      reopen
      +1    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1`);
    expect(old?.timeWaits).toMatchObject({
      client: { endedBy: 'reopened' },
      server: { endedBy: 'reopened' },
    });
  });
});

describe('while a SYN after a close awaits its answer', () => {
  const ASKED = `${BEFORE}
    ${CLOSED_BY_SERVER}
    reopen
    +1 c S 0`;

  it.each([
    ['an RST of its sender behind it is its own', '+0.1 c R 1', [4, 2], 'reset'],
    ['an RST of its sender elsewhere is not', '+0.1 c R -9999998', [5, 1], 'unanswered'],
    ['an RST that acknowledges it refuses it', '+0.1 s R. 0 ack 1', [4, 1], 'refused'],
    [
      'an RST that acknowledges something else does not',
      '+0.1 s R. -9999998 ack -9999998',
      [4, 1],
      'unanswered',
    ],
    ['an RST without an ACK does not', '+0.1 s R -9999998', [4, 1], 'unanswered'],
    [
      'an ACK of its sender after it is its own: the answer was not captured',
      '+0.1 c . 1 ack 1',
      [4, 2],
      'open',
    ],
    ['an old ACK of its sender is not', '+0.1 c . -9999998 ack -9999998', [5, 1], 'unanswered'],
  ])('%s', (_, segment, segments, kind) => {
    const [, old, fresh] = run(`${ASKED}\n${segment}`);
    expect([old?.counts.client.segments, fresh?.counts.client.segments]).toEqual(segments);
    expect(fresh?.closeKind).toBe(kind);
    expect(old?.closeKind).toBe('fin');
  });
});

it('if one direction is captured, the second connection has all its segments', () => {
  const [old, fresh] = run(`
    +0   c S  0
    +0.1 c .  1    ack 1
    +1   c R. 1    ack 1
    reopen
    +5   c S  0
    +0.1 c .  1    ack 1
    +0.1 c P. 1:11 ack 1
    +0.1 c P. 1:11 ack 1
    +0.1 c F. 11   ack 1`);
  expect(old?.counts.client.segments).toBe(3);
  expect(fresh?.counts.client).toMatchObject({ segments: 5, bytes: 10, fins: 1 });
  expect(fresh?.client).toBe(`${OPENED} FIN_WAIT_1`);
});

describe('a SYN on an open flow', () => {
  const [OTHER, AGAIN] = [{ ...ENDS, client: { ...ENDS.client, port: 50_000 } }, 7_000_000];

  it.each([
    ['the client', `+10 c S ${AGAIN}\n+1 c S ${AGAIN}`, 40_000],
    ['the server', `+10 s S ${AGAIN}\n+1 s S ${AGAIN}`, 80],
    ['the client, with sequence number 0', '+10 c S -1000000\n+1 c S -1000000', 40_000],
  ])('of %s without an answer is a row of its own, in any place of the table', (_, syns, port) => {
    const steps = [...parse(ESTABLISHED, OTHER), ...parse(`${WITH_DATA}\n${syns}`)];
    const flows = run(steps.sort((a, b) => a.at - b.at)).filter(
      ({ ports }) => !Object.values(ports).includes(50_000),
    );
    expect(flows.map(({ closeKind }) => closeKind)).toEqual(['open', 'unanswered']);
    expect(flows[1]).toMatchObject({
      ports: { client: port },
      counts: { client: { segments: 2, retransmissions: 1 } },
    });
  });

  it('takes into the new flow nothing but itself', () => {
    const [, fresh] = run(`${WITH_DATA}
      +10   c S  ${AGAIN}
      +0.01 s .  1       ack 11
      +0.01 c R  11
      +1    c S  ${AGAIN}
      +0.01 s S. 9000000 ack ${AGAIN + 1}
      +0.01 c .  ${AGAIN + 1} ack 9000001`);
    expect(fresh?.segments.map(({ meaning }) => meaning)).toEqual([
      'SYN',
      'retransmitted SYN',
      'SYN-ACK',
      'ACK of SYN',
    ]);
    expect(fresh?.counts.client).toMatchObject({ segments: 3, rsts: 0 });
  });

  it('takes into the new flow no SYN of the other end', () => {
    const flows = run(`${WITH_DATA}
      +10   c S  ${AGAIN}
      +0    s S  8000000
      +0.01 s S. 9000000 ack ${AGAIN + 1}`);
    expect(flows[1]?.counts.client.segments).toBe(1);
  });

  it('is not answered by an old SYN-ACK', () => {
    const flows = run(`${WITH_DATA}
      +10   c S  ${AGAIN}
      +0.01 s S. 0 ack 1`);
    expect(flows.map(({ closeKind }) => closeKind)).toEqual(['open', 'unanswered']);
  });

  it('is not refused by an RST without an ACK', () => {
    const [old, asked] = run(`isn c 0
      ${WITH_DATA}
      +10   c S 4294967295
      +0.01 s R 1`);
    expect(old).toMatchObject({ closeKind: 'reset', resetBy: 'server' });
    expect(asked?.closeKind).toBe('unanswered');
  });

  it('after the end of that flow begins a new one by its own number', () => {
    const [, fresh] = run(`${WITH_DATA}
      +10   c S  ${AGAIN}
      +1    c R  11
      +1    c S  8000000
      +0.01 s S. 0 ack 8000001`);
    expect(statesFrom(fresh!, 'client', 'SYN_SENT')[0]).toBe('SYN_SENT 13.03 #8 sent');
  });
});

it('a client whose ISN is 0 is like any other', () => {
  const flow = runOne(`isn c 0\n${CLOSED}`);
  expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
});

it.each([
  [1.9499, 1],
  [1.95, 2],
])('%d s after a quick close the original SYN again: %d flows, for a SYN is late for 3 s', (pause, count) => {
  expect(run(`${CLOSED}\n+${pause} c S 0`)).toHaveLength(count);
});

it('an end that is not in TIME_WAIT stands until the SYN of the other is answered', () => {
  const [old] = run(`${HALF_CLOSED}
    +0.01 s F. 1 ack 2
    +0.01 c .  2 ack 2
    +0.2  s F. 1 ack 2
    reopen
    +1    c S  0
    watch +5`);
  expect(old?.state.server).toBe('LAST_ACK');
});
