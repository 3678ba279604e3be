import { describe, expect, it } from 'vitest';
import type { Segment } from '../../../src/decode/segment.ts';
import { ESTABLISHED, meaningOf, SIDES } from '../fixtures.ts';
import { ENDS, parse, run, runOne } from '../script.ts';

// What was not captured is not the same as what was not sent.

describe.each(SIDES)('case 35: mid-stream, keep-alives of %s', (first, ends) => {
  const paths = (script: string) => {
    const { client, server } = runOne(ends(script));
    return first === 'the client' ? [client, server] : [server, client];
  };

  it('are no FINs: a keep-alive and its answer', () => {
    expect(
      paths(`
        +0     c . 99 ack 500
        +0.01  s . 500 ack 100
        +15    c . 99 ack 500
        +0.01  s . 500 ack 100`),
    ).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  });

  it('are no FINs: the answer first, then the keep-alive, then data', () => {
    expect(
      paths(`
        +0     c . 99 ack 500
        +0.01  s . 500 ack 100
        +1     c P. 100:110 ack 500
        +0.01  s . 500 ack 110`),
    ).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  });

  it('are no data: the next segment of its sender is one further', () => {
    const flow = runOne(
      ends(`
        +0     c . 99 ack 500
        +15    c . 100 ack 500
        +0.01  s . 500 ack 100`),
    );
    expect(flow.counts.client.bytes + flow.counts.server.bytes).toBe(0);
    expect([flow.client, flow.server]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  });

  it('do not hide the real FIN that comes after them', () => {
    expect(
      paths(`
        +0     s P. 500:510 ack 100
        +0     c . 99 ack 510
        +0.01  s . 510 ack 100
        +15    c F. 100 ack 510
        +0.01  s . 510 ack 101
        +0.01  s F. 510 ack 101
        +0.01  c . 101 ack 511`),
    ).toEqual(['ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT', 'ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED']);
  });
});

describe('a FIN that is not captured', () => {
  it('is inferred where data of its sender was: the ACK is one beyond', () => {
    const flow = runOne(`
      +0    c P. 1:11 ack 1
      +0.01 s P. 1:11 ack 11
      +0.01 c .  11   ack 11
      +1    s .  11   ack 12`);
    expect(flow.client).toBe('ESTABLISHED FIN_WAIT_1 FIN_WAIT_2');
    expect(flow.counts.client.missed).toBe(1);
  });

  it('is taken back by the real one at the number of the next', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    s .  1 ack 2
      +1    c F. 2 ack 1
      +0.01 s .  1 ack 3`);
    expect(flow.client).toBe('SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2');
    expect(flow.stateTimes.client.find(({ state }) => state === 'FIN_WAIT_1')).toMatchObject({
      evidence: 'sent',
      frame: 5,
    });
  });
});

describe('who closed first, where a FIN was not captured', () => {
  const OPEN = `${ESTABLISHED}
    +0.1  c P. 1:11 ack 1
    +0.01 s P. 1:11 ack 11
    +0.01 c .  11   ack 11`;

  it.each([
    [
      'is its sender, if the peer has acknowledged it before its own',
      '+1 s . 11 ack 12\n+0.01 s F. 11 ack 12\n+0.01 c . 12 ack 12',
      'client',
    ],
    [
      'is unknown if that FIN is beside one that does not acknowledge it',
      '+1 s F. 11 ack 11\n+0.01 s . 12 ack 12',
      null,
    ],
    [
      'or if its sender goes on at the next number',
      '+1 s F. 11 ack 11\n+0.01 c . 12 ack 12\n+0.01 s . 12 ack 12',
      null,
    ],
  ])('%s', (_, then, closedFirst) => {
    expect(runOne(`${OPEN}\n${then}`).closedFirst).toBe(closedFirst);
  });
});

describe.each(SIDES)('segments of %s that were acknowledged and never captured', (first, ends) => {
  const missed = (script: string) => {
    const { client, server } = runOne(ends(script)).counts;
    return first === 'the client' ? [client.missed, server.missed] : [server.missed, client.missed];
  };

  it('are counted once per acknowledgment of what is missing', () => {
    expect(
      missed(`
        +0    c P. 1:11   ack 1
        +0.01 s .  1      ack 11
        +1    s .  1      ack 111
        +1    c P. 111:121 ack 1
        +0    s .  1      ack 121
        +1    s .  1      ack 221`),
    ).toEqual([2, 0]);
  });

  it('are none where a segment was lost before the capture and sent again', () => {
    expect(
      missed(`
        +0    c P. 1:11  ack 1
        +0    c P. 21:31 ack 1
        +0.01 s .  1     ack 11
        +0.2  c P. 11:21 ack 1
        +0.01 s .  1     ack 31`),
    ).toEqual([0, 0]);
  });

  it('are unknown where nothing of that end was captured', () => {
    expect(missed('+0 s . 1 ack 11\n+1 s . 1 ack 111')).toEqual([0, 0]);
  });
});

describe('case 37: a capture in which every segment has data', () => {
  const requests = Array.from(
    { length: 5 },
    (_, i) => `
      +0.1 c P. ${1 + 10 * i}:${11 + 10 * i} ack ${1 + 10 * i}
      +0.1 s P. ${1 + 10 * i}:${11 + 10 * i} ack ${11 + 10 * i}`,
  ).join('');

  it('was filtered: a FIN with data leaves both ends UNKNOWN', () => {
    const flow = runOne(`${requests}\n+0.1 c FP. 51:61 ack 51`);
    expect([flow.client, flow.server]).toEqual(['ESTABLISHED UNKNOWN', 'ESTABLISHED']);
    expect(flow.closedFirst).toBeNull();
  });

  it('was filtered: also where the other end answers with data', () => {
    const flow = runOne(`${requests}\n+0.1 c FP. 51:61 ack 51\n+0.1 s P. 51:61 ack 62`);
    expect([flow.client, flow.server]).toEqual(['ESTABLISHED FIN_WAIT_1 UNKNOWN', 'ESTABLISHED UNKNOWN']);
  });

  it('was not, once one has none', () => {
    const flow = runOne(`${requests}\n+0.1 c FP. 51:61 ack 51\n+0.1 s . 51 ack 62`);
    expect([flow.client, flow.server]).toEqual([
      'ESTABLISHED FIN_WAIT_1 FIN_WAIT_2',
      'ESTABLISHED CLOSE_WAIT',
    ]);
  });
});

it('a flow that is over is judged the same whenever its row is made, as in lanes', () => {
  const over = parse('+0 s P. 1:11 ack 1\n+0 c FP. 1:11 ack 11\n+0.1 s R 11:15');
  const later = { ...ENDS, client: { ...ENDS.client, port: 50_000 } };
  const others = parse(
    Array.from({ length: 12 }, (_, i) => `+1 c P. ${1 + 10 * i}:${11 + 10 * i} ack 1`).join('\n'),
    later,
  ).map((step) => ({ ...step, at: step.at + 400 }));
  const isOver = ({ srcPort, dstPort }: Segment) => srcPort !== 50_000 && dstPort !== 50_000;
  const [alone] = run([...over, ...others], { isFollowed: isOver });
  const [together] = run([...over, ...others]);
  expect(together).toEqual(alone);
  expect(together?.closeKind).toBe('fin-reset');
});

describe('case 38: a long silence', () => {
  it('does not end with the same data again: that belongs to the loss before', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c P. 1:11 ack 1
      +0.2 c P. 1:11 ack 1
      +3   c P. 1:11 ack 1
      +6   c P. 1:11 ack 1
      +12  c P. 1:11 ack 1`);
    expect(flow.segments.map(({ meaning }) => meaning)).not.toContain('after a long silence');
  });

  it('ends with new data', () => {
    const flow = runOne(`${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+0.1 s . 1 ack 11\n+12 c P. 11:21 ack 1`);
    expect(meaningOf(flow, 6)).toBe('after a long silence');
  });

  it('ends with the acknowledgment of something new', () => {
    const flow = runOne(`${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+12 s . 1 ack 11`);
    expect(meaningOf(flow, 5)).toBe('after a long silence');
  });
});

describe.each(SIDES)('case 36: the first RST of the end that has closed, %s', (first, ends) => {
  const reset = (script: string) => {
    const { resetBy, resetKind, resetEvidence } = runOne(ends(script));
    return [resetBy === (first === 'the client' ? 'client' : 'server'), resetKind, resetEvidence];
  };
  const open = `
    +0    s P. 1:11 ack 1
    +0.01 c P. 1:11 ack 11
    +0.01 s .  11   ack 11`;

  it.each([
    [
      'below FIN+1: data crossed the FIN',
      `+0.1  s P. 11:21 ack 11
       +0    c F. 11    ack 11
       +0    c R  11
       +0.01 s .  21    ack 12`,
      'data-after-close',
      'data-crossed-fin',
    ],
    [
      'below FIN+1, and again in answer to the FIN of the other end',
      `+0    c F. 11    ack 11
       +0    s P. 11:21 ack 11
       +0    c R  11
       +0.01 s F. 21    ack 12
       +0    c R  12`,
      'data-after-close',
      'data-crossed-fin',
    ],
    [
      'at FIN+1, with data beyond what it had acknowledged: data after the close',
      `+0    c F. 11    ack 11
       +0.01 s .  11    ack 12
       +1    s P. 11:21 ack 12
       +0    c R  12`,
      'data-after-close',
      'data-after-fin',
    ],
    [
      'at FIN+1 in answer to the FIN alone: the socket was gone',
      `+0    c F. 11    ack 11
       +0.01 s .  11    ack 12
       +1    s F. 11    ack 12
       +0    c R  12`,
      'late-segment',
      'no-socket',
    ],
  ])('%s', (_, script, kind, evidence) => {
    expect(reset(`${open}\n${script}`)).toEqual([true, kind, evidence]);
  });
});
