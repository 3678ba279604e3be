import { describe, expect, it } from 'vitest';
import { ESTABLISHED } from '../fixtures.ts';
import { runOne, swapEnds } from '../script.ts';

// A capture begun amid a close: what the packets cannot show is UNKNOWN, and accuses nobody.

type Row = readonly [
  what: string,
  script: string,
  client: string,
  server: string,
  closedFirst: string | null,
];

const IN_DOUBT: readonly Row[] = [
  [
    'the second FIN and its ACK alone',
    `+0    c F. 1 ack 1
     +0.01 s .  1 ack 2`,
    'UNKNOWN',
    'UNKNOWN',
    null,
  ],
  ['the FIN alone', '+0 c F. 1 ack 1', 'UNKNOWN', 'UNKNOWN', null],
  [
    'an ACK before the FIN, which may be that of the other FIN',
    `+0    c .  1 ack 1
     +0.01 c F. 1 ack 1
     +0.01 s .  1 ack 2`,
    'ESTABLISHED UNKNOWN',
    'UNKNOWN',
    null,
  ],
  [
    'data of the end with the FIN, which the other may have half-closed for',
    `+0    c P. 1:11 ack 1
     +0.01 s .  1    ack 11
     +0.01 c F. 11   ack 1
     +0.01 s .  1    ack 12`,
    'ESTABLISHED UNKNOWN',
    'ESTABLISHED UNKNOWN',
    null,
  ],
  [
    'the FIN sent again',
    `+0   c F. 1 ack 1
     +0.2 c F. 1 ack 1
     +0   s .  1 ack 2`,
    'UNKNOWN',
    'UNKNOWN',
    null,
  ],
  [
    'an RST after it, which ends both',
    `+0    c F. 1 ack 1
     +0.01 s R. 1 ack 2`,
    'CLOSED',
    'CLOSED',
    null,
  ],
];

const SHOWN: readonly Row[] = [
  [
    'data of the other end before the FIN',
    `+0    s P. 1:11 ack 1
     +0.01 c F. 1    ack 11
     +0.01 s .  11   ack 2`,
    'FIN_WAIT_1 FIN_WAIT_2',
    'ESTABLISHED CLOSE_WAIT',
    'client',
  ],
  [
    'data of the other end after the FIN',
    `+0    c F. 1    ack 1
     +0.01 s .  1    ack 2
     +1    s P. 1:11 ack 2
     +0.01 c .  2    ack 11`,
    'FIN_WAIT_1 FIN_WAIT_2',
    'CLOSE_WAIT',
    'client',
  ],
  [
    'the FIN of the other end',
    `+0    c F. 1 ack 1
     +0.01 s .  1 ack 2
     +1    s F. 1 ack 2
     +0.01 c .  2 ack 2`,
    'FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT',
    'CLOSE_WAIT LAST_ACK CLOSED',
    'client',
  ],
];

describe.each([
  ['the client', (script: string) => script],
  ['the server', swapEnds],
])('case 24: a capture begun amid the close of %s', (first, ends) => {
  const of = (flow: ReturnType<typeof runOne>) =>
    first === 'the client' ? [flow.client, flow.server] : [flow.server, flow.client];
  const named = (end: string | null) =>
    end === null || first === 'the client' ? end : { client: 'server', server: 'client' }[end];

  it.each(IN_DOUBT)('shows no state: %s', (_, script, mine, peers, closedFirst) => {
    const flow = runOne(ends(script));
    expect(of(flow)).toEqual([mine, peers]);
    expect(flow.closedFirst).toBe(closedFirst);
  });

  it.each(SHOWN)('shows it by %s', (_, script, mine, peers, closedFirst) => {
    const flow = runOne(ends(script));
    expect(of(flow)).toEqual([mine, peers]);
    expect(flow.closedFirst).toBe(named(closedFirst));
  });
});

describe.each([
  ['the client', (script: string) => script],
  ['the server', swapEnds],
])('case 24: segments of the other end are missing before the FIN of %s', (first, ends) => {
  const paths = (script: string) => {
    const flow = runOne(`${ESTABLISHED}\n${ends(script)}`);
    const states = [flow.client, flow.server].map((path) => path.split(' ').at(-1));
    return [...(first === 'the client' ? states : states.reverse()), flow.closedFirst];
  };

  it('shows no state: the last of them may be a FIN', () => {
    expect(paths('+1 c . 1 ack 12\n+0 c F. 1 ack 12\n+0.01 s . 12 ack 2')).toEqual([
      'UNKNOWN',
      'UNKNOWN',
      null,
    ]);
  });

  it('nor does a FIN that acknowledges them itself', () => {
    expect(paths('+1 c F. 1 ack 12\n+0.01 s . 12 ack 2')).toEqual(['UNKNOWN', 'UNKNOWN', null]);
  });

  it('shows states again once that end sends more', () => {
    const [mine, peers] = paths('+1 c . 1 ack 12\n+0 c F. 1 ack 12\n+0.01 s . 12 ack 2\n+1 s P. 12:22 ack 2');
    expect([mine, peers]).toEqual(['FIN_WAIT_2', 'CLOSE_WAIT']);
  });

  it('shows them where they were missing long before', () => {
    const [mine, peers] = paths('+1 c . 1 ack 12\n+0 s P. 12:22 ack 1\n+0 c F. 1 ack 22\n+0.01 s . 22 ack 2');
    expect([mine, peers]).toEqual(['FIN_WAIT_2', 'CLOSE_WAIT']);
  });
});

it('case 24: a SYN-ACK shows that no close came before it', () => {
  const flow = runOne(`
    +0    s S. 0 ack 1
    +0.01 c .  1 ack 1
    +0.01 c F. 1 ack 1
    +0.01 s .  1 ack 2`);
  expect(flow.client).toBe('SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2');
  expect(flow.server).toBe('SYN_RECEIVED ESTABLISHED CLOSE_WAIT');
});

describe.each([
  ['the client', (script: string) => script],
  ['the server', swapEnds],
])('case 24: what %s closes after is missing', (first, ends) => {
  const OPEN = `
    +0    c S  0
    +0.01 s S. 0 ack 1
    +0.01 c .  1 ack 1
    +0.01 c P. 1:11 ack 1
    +0.01 s P. 1:11 ack 11`;
  const ways = (script: string) => {
    const flow = runOne(`${OPEN}\n${ends(script)}`);
    const [mine, peers] = first === 'the client' ? [flow.client, flow.server] : [flow.server, flow.client];
    return [mine, peers].map((path) => path.replace(/^SYN_\w+ /, ''));
  };

  it.each([
    [
      'data of its peer, and perhaps its FIN, behind which the peer sends no more',
      '+1 c F. 11 ack 112\n+0.01 s . 112 ack 12',
      'ESTABLISHED UNKNOWN',
      'ESTABLISHED UNKNOWN',
    ],
    [
      'the same, with a bare segment of the peer first',
      '+1 s . 112 ack 11\n+0 c F. 11 ack 112\n+0.01 s . 112 ack 12',
      'ESTABLISHED UNKNOWN',
      'ESTABLISHED UNKNOWN',
    ],
    [
      'data alone, for the peer sends more',
      '+1 c F. 11 ack 111\n+0.01 s . 111 ack 12\n+0.01 s P. 111:121 ack 12\n+0 c . 12 ack 121',
      'ESTABLISHED FIN_WAIT_1 FIN_WAIT_2',
      'ESTABLISHED CLOSE_WAIT',
    ],
    [
      'data alone, for the peer has sent more before',
      '+1 c . 11 ack 111\n+0.01 s P. 111:121 ack 11\n+0 c F. 11 ack 121\n+0.01 s . 121 ack 12',
      'ESTABLISHED FIN_WAIT_1 FIN_WAIT_2',
      'ESTABLISHED CLOSE_WAIT',
    ],
    [
      'nothing: what came out of order came after all',
      '+1 s . 21 ack 11\n+0.001 s P. 11:21 ack 11\n+0 c F. 11 ack 21\n+0.01 s . 21 ack 12',
      'ESTABLISHED FIN_WAIT_1 FIN_WAIT_2',
      'ESTABLISHED CLOSE_WAIT',
    ],
  ])('%s', (_, then, mine, peers) => {
    expect(ways(then)).toEqual([mine, peers]);
  });
});
