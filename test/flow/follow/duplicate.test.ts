import { describe, expect, it } from 'vitest';
import { ESTABLISHED } from '../fixtures.ts';
import { ENDS, parse, runOne, type Step } from '../script.ts';

const WITH_ID = 'id 9 ts 5:7';
const WITHOUT_ID = 'id 0 ts 5:7';

it.each([
  ['a copy, and its clock may be another', WITH_ID, '+5', 1],
  ['a copy also before its original', WITH_ID, '-0.5', 1],
  ['none after ten seconds', WITH_ID, '+10', 0],
  ['without timestamp a copy below 100 ms', 'id 9', '+0.099999', 1],
  ['without timestamp none at 100 ms', 'id 9', '+0.1', 0],
  ['without IP identification a copy below 900 us', WITHOUT_ID, '+0.000899', 1],
  ['without IP identification a copy at the same time', WITHOUT_ID, '+0', 1],
  ['without IP identification none at 900 us', WITHOUT_ID, '+0.0009', 0],
  ['without IP identification none above 900 us', WITHOUT_ID, '+0.000901', 0],
  ['without IP identification none by a clock that jumped back', WITHOUT_ID, '-0.000001', 0],
  ['without IP identification and timestamps none', 'id 0', '+0', 0],
  ['with another TTL a copy', WITH_ID, '+0.3 ttl 63', 1],
  ['with another TTL a copy without IP identification', WITHOUT_ID, '+0.3 ttl 63', 1],
  ['with another TTL and nothing else none, by itself', 'id 0', '+0.3 ttl 63', 0],
])('the same segment again is %s (%s, %s s)', (_, fields, later, copies) => {
  const flow = runOne(`${ESTABLISHED}
    +1 c P. 1:11 ack 1 ${fields}
    dup ${later}`);
  expect(flow.counts.client).toMatchObject({ duplicates: copies, retransmissions: 1 - copies });
});

describe('captured at two places (case 28)', () => {
  const CLOSE = `
    +0    c S  0 id 7 ts 1:0
    +0.02 s S. 0 ack 1 id 0 ts 1:1
    +0    c .  1 ack 1 ts 20:1
    +0.01 c P. 1:101 ack 1 ts 30:1
    +0.0001 c P. 101:201 ack 1 ts 30:1
    +0.0001 c P. 201:301 ack 1 ts 30:1
    +0.0001 c F. 301 ack 1 ts 30:1
    +0.2  c F. 301 ack 1 ts 230:1        # its first was lost behind both places
    +0.02 s .  1 ack 302 ts 250:230
    +0.001 s F. 1 ack 302 ts 251:230
    +0    c .  302 ack 2 ts 250:251`;

  /** The segments as they pass the client, and as they pass a place so many seconds nearer to the server. */
  function twice(steps: readonly Step[], delay: number, ttl: number): Step[] {
    const there = steps.map(({ at, segment }) => {
      const isClients = segment.srcPort === ENDS.client.port;
      return { at: isClients ? at + delay : at - delay, segment: { ...segment, ttl } };
    });
    return [...steps, ...there].sort((a, b) => a.at - b.at);
  }

  it.each([
    ['10 ms apart, behind a router', 0.01, 63],
    ['10 ms apart, on the same link', 0.01, 64],
  ])('%s, each segment counts once', (_, delay, ttl) => {
    const once = runOne(CLOSE);
    const both = runOne(twice(parse(CLOSE), delay, ttl));
    expect(once.counts.client).toMatchObject({ fins: 2, retransmissions: 1, duplicates: 0 });
    for (const end of ['client', 'server'] as const) {
      const { duplicates, ...counts } = both.counts[end];
      expect({ ...counts, duplicates: 0 }).toEqual(once.counts[end]);
      expect(duplicates).toBe(counts.segments);
    }
    expect(both.history).toBe(once.history);
    expect([both.client, both.server, both.closeKind]).toEqual([once.client, once.server, once.closeKind]);
  });

  it('a SYN-ACK sent twice within a tick of its clock is none, where its copies have another TTL', () => {
    const flow = runOne(`
      +0        c S  0 id 1 ts 5:0
      dup +0.0005 ttl 63
      +0.001    s S. 0 ack 1 id 0 ts 7:5
      +0.00001  c S  0 id 2 ts 5:0
      dup +0.00005 ttl 63
      +0.00001  s S. 0 ack 1 id 0 ts 7:5
      dup +0.00005 ttl 63`);
    expect(flow.counts.client).toMatchObject({ segments: 2, retransmissions: 1, duplicates: 2 });
    expect(flow.counts.server).toMatchObject({ segments: 2, retransmissions: 1, duplicates: 1 });
  });
});

describe('duplicate ACKs within a millisecond that differ in their SACK blocks', () => {
  it.each([
    ['one block grows', '101:201', '101:301', 0],
    ['another block, below the highest edge', '401:501', '201:301,401:501', 0],
    ['the same blocks, the latest first', '401:501,201:301', '201:301,401:501', 0],
    ['only a left edge differs', '101:501', '201:501', 0],
    ['a block that stays is a copy', '101:201', '101:201', 1],
  ])('%s', (_, first, then, copies) => {
    for (const [who, peer] of ['cs', 'sc']) {
      const flow = runOne(`${ESTABLISHED}
        +1      ${peer} P. 101:201 ack 1
        +0      ${who}  .  1 ack 1 ${WITHOUT_ID} sack ${first}
        +0.0002 ${who}  .  1 ack 1 ${WITHOUT_ID} sack ${then}`);
      expect(flow.counts[who === 'c' ? 'client' : 'server'].duplicates).toBe(copies);
    }
  });
});

describe('two SYN-ACKs alike to the bit, within a millisecond', () => {
  const SYN_ACK = 'S. 0 ack 1 id 0 ts 7:5';
  it.each([
    ['answer two SYNs, sent one after the other', 'id 2', 0],
    ['are one, which answers a SYN captured twice', 'id 1', 1],
  ])('%s', (_, second, copies) => {
    for (const [who, peer] of ['cs', 'sc']) {
      const flow = runOne(`
        +0        ${who}  S 0 id 1 ts 5:0
        +0.010    ${peer} ${SYN_ACK}
        +0.000003 ${who}  S 0 ${second} ts 5:0
        +0.000004 ${peer} ${SYN_ACK}
        +0.010    ${who}  . 1 ack 1`);
      expect(flow.counts.server).toMatchObject({ duplicates: copies, retransmissions: 1 - copies });
      expect(flow.counts.client.duplicates).toBe(copies);
    }
  });

  it('are one if the second SYN was captured before both', () => {
    const flow = runOne(`
      +0        c S 0 ts 5:0
      +1        c S 0 ts 5:0
      +0.010    s ${SYN_ACK}
      +0.000003 s ${SYN_ACK}`);
    expect(flow.counts.server).toMatchObject({ duplicates: 1, retransmissions: 0 });
  });
});
