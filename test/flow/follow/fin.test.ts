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
} from '../fixtures.ts';
import { runOne } from '../script.ts';

// What a FIN, and the numbers around it, prove of both ends.

const ACTIVE = `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`;
const CROSSED = `
  +1    c F. 1 ack 1
  +0.03 s F. 1 ack 1
  +0    c .  2 ack 2
  +0.03 s .  2 ack 2`;

describe('what a segment after a FIN means', () => {
  it.each([
    ['data before the FIN, sent again', '', '+0.2 c P. 1:11 ack 1', 'retransmitted data'],
    ['data before the FIN, once that has arrived', '+0.01 s . 1 ack 12', '+0.2 c P. 1:11 ack 1', undefined],
    ['the first ACK that covers it', '', '+0.1 s . 1 ack 12', 'ACK of FIN'],
    ['another', '+0.01 s . 1 ack 12', '+0.1 s . 1 ack 12', 'repeated ACK of FIN'],
    ['the first bare ACK short of it', '', '+0.1 s . 1 ack 11', 'ACK short of FIN'],
    ['another', '+0.1 s . 1 ack 1', '+0.1 s . 1 ack 11', undefined],
    ['data short of it', '', '+0.1 s P. 1:11 ack 11', 'data crossing FIN'],
    ['more of it', '', '+0.1 s P. 1:11 ack 11\n+0.1 s P. 11:21 ack 11', undefined],
    [
      'a bare ACK short of it after the other FIN',
      '+0.01 s F. 1 ack 1',
      '+0.1 s . 2 ack 1',
      'ACK short of FIN',
    ],
    [
      'the first data of the peer after its ACK',
      '+0.01 s . 1 ack 12',
      '+0.1 s P. 1:11 ack 12',
      'data after FIN',
    ],
    ['more of it', '+0.01 s . 1 ack 12\n+0.1 s P. 1:11 ack 12', '+0.1 s P. 11:21 ack 12', undefined],
  ])('%s', (_, between, segment, meaning) => {
    const script = `${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+0 c F. 11 ack 1\n${between}\n${segment}`;
    expect(meaningOf(runOne(script), script.match(/ [cs] /g)!.length)).toBe(meaning);
  });
});

describe('a FIN', () => {
  it('at another number is not the one that was acknowledged', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1 c F. 51 ack 1`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2`, `${ACCEPTED} CLOSE_WAIT`);
  });

  it('was none, if its receiver acknowledges what was sent after it', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1    ack 1
      +0.01 c P. 1:11 ack 1
      +0.01 s .  1    ack 11`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow).toMatchObject({ closeKind: 'open', closedFirst: null });
  });

  it('stays, if what is acknowledged after it was never sent', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 1
      +0.01 s .  1 ack 500`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1`, ACCEPTED);
  });

  it('that is sent again does not delay what a bare ACK before it has shown', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    s F. 1 ack 1
      +0.01 c .  1 ack 2
      +0.01 c F. 1 ack 2
      +0.3  c F. 1 ack 2
      +0.01 s .  2 ack 2`);
    expect(statesFrom(flow, 'server', 'FIN_WAIT_2')).toEqual([
      'FIN_WAIT_2 1.03 #5 seen',
      'TIME_WAIT 1.34 #7 acked',
    ]);
  });

  it.each([
    ['crosses it', ''],
    ['crosses it and is acknowledged once more', '+0 s . 2 ack 2'],
  ])('brings the ACK in it, though the other FIN, sent again, %s', (_, ack) => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 1
      +0.2  s F. 1 ack 2
      +0    c F. 1 ack 1
      ${ack}
      +0.01 c .  2 ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_2')).toEqual([
      'FIN_WAIT_2 1.22 #5 seen',
      'TIME_WAIT 1.22 #5 acked',
    ]);
  });

  it.each([
    [1, 5_000_000],
    [5_000_000, 1],
  ])('that crosses the other brings no ACK, whatever the numbers of the two (ISN %d and %d)', (c, s) => {
    const flow = runOne(`isn c ${c} s ${s}\n${ESTABLISHED}${CROSSED}`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 CLOSING TIME_WAIT`, `${ACCEPTED} FIN_WAIT_1 CLOSING TIME_WAIT`);
  });
});

describe('a FIN that was never captured', () => {
  it('was sent in LAST_ACK, by one that had acknowledged the other before', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1    s . 2 ack 2
      +0.01 c . 2 ack 2`);
    expectPaths(flow, ACTIVE, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
  });

  it('was sent in LAST_ACK, by one that answers a FIN sent again', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. 1 ack 1
      +0.2  c F. 1 ack 1
      +0.01 s .  2 ack 2
      +0.01 c .  2 ack 2`);
    expectPaths(flow, ACTIVE, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
  });
});

describe('an end in TIME_WAIT', () => {
  it('is not the one that closed last: an RST to it comes after the close', () => {
    const flow = runOne(`${CLOSED}
      +0.1  s P. 2:12 ack 2
      +0.01 c R  2`);
    expect(meaningOf(flow, 9)).toBe('RST after the close');
    expect(flow.resetEvidence).toBe('after-close');
  });
});
