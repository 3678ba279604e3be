import { describe, expect, it } from 'vitest';
import { ESTABLISHED } from '../fixtures.ts';
import { runOne } from '../script.ts';

const WITH_ID = 'id 9 ts 5:7';
const WITHOUT_ID = 'id 0 ts 5:7';

it.each([
  ['a copy below 100 ms', WITH_ID, '+0.099999', 1],
  ['none at 100 ms', WITH_ID, '+0.1', 0],
  ['none above 100 ms', WITH_ID, '+0.100001', 0],
  ['none by a clock that jumped back', WITH_ID, '-0.000001', 0],
  ['without IP identification a copy below 900 us', WITHOUT_ID, '+0.000899', 1],
  ['without IP identification none at 900 us', WITHOUT_ID, '+0.0009', 0],
  ['without IP identification none above 900 us', WITHOUT_ID, '+0.000901', 0],
  ['without IP identification and timestamps none', 'id 0', '+0', 0],
])('the same segment again is %s (%s, %s s)', (_, fields, later, copies) => {
  const flow = runOne(`${ESTABLISHED}
    +1 c P. 1:11 ack 1 ${fields}
    dup ${later}`);
  expect(flow.counts.client).toMatchObject({ duplicates: copies, retransmissions: 1 - copies });
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
