import { describe, expect, it } from 'vitest';
import { ESTABLISHED } from '../fixtures.ts';
import { runOne } from '../script.ts';

/** The rows of `close_segments` after the handshake: `frame sender meaning seq:len at`. */
const rows = (script: string) =>
  runOne(`${ESTABLISHED}${script}`)
    .segments.slice(3)
    .map(
      ({ frame, endpoint, meaning, seq, len, at }) =>
        `${frame} ${endpoint} ${meaning} ${seq}+${len} ${Number(at.toFixed(3))}`,
    );

describe('the last segment before a long silence is kept', () => {
  it.each([
    [
      'which new data ends',
      `
      +1   c P. 1:11 ack 1
      +0.1 s P. 1:21 ack 11
      +0   c .  11   ack 21
      +6   c P. 11:21 ack 21`,
      ['6 client before a long silence 11+0 1.12', '7 client after a long silence 11+10 7.12'],
    ],
    [
      'though it was data',
      `
      +1   c P. 1:11 ack 1
      +0.1 s P. 1:21 ack 11
      +6   c P. 11:21 ack 21`,
      ['5 server before a long silence 1+20 1.12', '6 client after a long silence 11+10 7.12'],
    ],
    [
      'which an RST ends',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +6   s R. 1    ack 11`,
      ['5 server before a long silence 1+0 1.12', '6 server RST 1+0 7.12'],
    ],
    [
      'which a FIN ends',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +6   c F. 11   ack 1`,
      ['5 server before a long silence 1+0 1.12', '6 client FIN 11+0 7.12'],
    ],
    [
      'once, where it was noted already',
      `
      +6   c P. 1:11 ack 1`,
      ['4 client after a long silence 1+10 6.02'],
    ],
    [
      'not that before a keep-alive, which ends no silence',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +6   c .  10   ack 1
      +0.1 s .  1    ack 11`,
      ['6 client keep-alive 10+0 7.12'],
    ],
    [
      'not what was sent again, whose number is not kept',
      `
      +1   c P. 1:11 ack 1
      +1   c P. 1:11 ack 1
      +6   s .  1    ack 11`,
      ['6 server after a long silence 1+0 8.02'],
    ],
  ])('%s', (_, script, expected) => {
    expect(rows(script)).toEqual(expected);
  });
});

describe('data that is never acknowledged', () => {
  const AGAIN = `
      +0.2 c P. 11:21 ack 1
      +0.4 c P. 11:21 ack 1`;
  it.each([
    [
      'is kept if it was sent three times',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +1   c P. 11:21 ack 1${AGAIN}`,
      ['6 client unacknowledged data 11+10 2.12'],
    ],
    [
      'before the FIN that waits for it',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +1   c P. 11:21 ack 1${AGAIN}
      +1   c F. 21   ack 1`,
      ['6 client unacknowledged data 11+10 2.12', '9 client FIN 21+0 3.72'],
    ],
    [
      'after a long silence',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +6   c P. 11:21 ack 1${AGAIN}`,
      [
        '5 server before a long silence 1+0 1.12',
        '6 client unacknowledged data after a long silence 11+10 7.12',
      ],
    ],
    [
      'the last of it, where the first is sent again',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +1   c .  11:21 ack 1
      +0   c P. 21:31 ack 1${AGAIN}`,
      ['7 client unacknowledged data 21+10 2.12'],
    ],
    [
      'not if it was sent twice',
      `
      +1   c P. 1:11 ack 1
      +0.2 c P. 1:11 ack 1`,
      [],
    ],
    [
      'not if it was acknowledged late, as of a phone that comes back',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +1   c P. 11:21 ack 1${AGAIN}
      +0.8 c P. 11:21 ack 1
      +0.1 s .  1    ack 21
      +0.1 c P. 21:31 ack 1`,
      [],
    ],
    [
      'not while other segments of the peer still come',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +1   c P. 11:21 ack 1${AGAIN}
      +0.1 s P. 1:11 ack 11
      +0.1 c P. 11:21 ack 11`,
      [],
    ],
    [
      'not if a FIN of the peer came long after it: small segments pass, as on a path that drops large ones',
      `
      +1   c P. 1:11 ack 1
      +0.1 s .  1    ack 11
      +1   c P. 11:21 ack 1${AGAIN}
      +1   s F. 1    ack 11
      +0.2 c P. 11:21 ack 2
      +1   c P. 11:21 ack 2
      +2   c P. 11:21 ack 2`,
      ['6 client data crossing FIN 11+10 2.12', '9 server FIN 1+0 3.72', '10 client ACK of FIN 11+10 3.92'],
    ],
  ])('%s', (_, script, expected) => {
    expect(rows(script)).toEqual(expected);
  });

  it('is kept of a capture that begins after the peer was gone', () => {
    const flow = runOne('+0 c P. 1:11 ack 1\n+0.2 c P. 1:11 ack 1\n+0.4 c P. 1:11 ack 1');
    expect(flow.segments).toMatchObject([{ frame: 1, meaning: 'unacknowledged data', len: 10 }]);
  });

  it('is none where a capture of one direction has what was sent after it', () => {
    const again = '+0.2 c P. 1:11 ack 1\n+0.4 c P. 1:11 ack 1';
    const flow = runOne(`+0 c P. 1:11 ack 1\n${again}\n+0.1 c P. 11:21 ack 1\n+0 c P. 21:31 ack 1`);
    expect(flow.segments).toMatchObject([{ frame: 1, meaning: 'first segment' }]);
  });
});

describe('keep-alives', () => {
  it.each([
    ['the answered ones', '+0.1 s . 1 ack 11', ['6 client keep-alive 10+0 7.12']],
    ['those without an answer', '', ['6 client unanswered keep-alive 10+0 7.12']],
  ])('%s', (_, answer, expected) => {
    const before = '\n+1 c P. 1:11 ack 1\n+0.1 s . 1 ack 11\n+6 c . 10 ack 1\n';
    expect(rows(before + answer)).toEqual(expected);
  });
});
