import { describe, expect, it } from 'vitest';
import { ESTABLISHED, HALF_CLOSED, meaningOf, statesFrom } from '../fixtures.ts';
import { flowsOfFile, RECORDED } from '../recorded.ts';
import { runOne, swapEnds } from '../script.ts';

// What a receiver reports as received twice (RFC 2883).

/** Frames 4 and 5: a probe 12 ms after the FIN, which had arrived. */
const PROBED = `${ESTABLISHED}
  +1     c P. 1:11  ack 1
  +0     c FP. 11:21 ack 1
  +0.012 c FP. 11:21 ack 1`;

describe('a FIN that was sent again', () => {
  it.each<[string, string, string]>([
    ['a D-SACK covers it', '+0.001 s . 1 ack 22 sack 11:22', 'spurious retransmitted FIN'],
    ['a D-SACK covers more than it', '+0.001 s . 1 ack 22 sack 1:22', 'spurious retransmitted FIN'],
    ['a D-SACK covers its data only', '+0.001 s . 1 ack 22 sack 11:21', 'retransmitted FIN'],
    ['a D-SACK covers its last byte only', '+0.001 s . 1 ack 22 sack 20:22', 'retransmitted FIN'],
    ['no D-SACK follows', '+0.001 s . 1 ack 22', 'retransmitted FIN'],
    ['it fills a hole beyond a SACK', '+0.001 s . 1 ack 11 sack 11:22', 'retransmitted FIN'],
    [
      'a D-SACK within that SACK covers it',
      '+0.001 s . 1 ack 1 sack 11:22,11:22',
      'spurious retransmitted FIN',
    ],
  ])('if %s', (_, answer, meaning) => {
    expect(meaningOf(runOne(`${PROBED}\n${answer}`), 6)).toBe(meaning);
  });

  it.each(['client', 'server'] as const)('is counted as a D-SACK to the %s', (end) => {
    const script = `${PROBED}\n+0.001 s . 1 ack 22 sack 11:22`.replace(ESTABLISHED, '');
    const { counts } = runOne(`${ESTABLISHED}\n${end === 'client' ? script : swapEnds(script)}`);
    expect(counts.client.dsacks).toBe(end === 'client' ? 1 : 0);
    expect(counts.server.dsacks).toBe(end === 'client' ? 0 : 1);
  });

  it('had reached its receiver before it came again', () => {
    const flow = runOne(`${PROBED}\n+0.001 s . 1 ack 22 sack 11:22`);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.02 #5 acked']);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_2')).toEqual(['FIN_WAIT_2 1.033 #7 seen']);
  });

  it('brought what it is thought to have brought, without a D-SACK', () => {
    const flow = runOne(`${PROBED}\n+0.001 s . 1 ack 22`);
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.032 #6 acked']);
  });

  it('had come with the ACK in it', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1     s F. 1 ack 2
      +0.012 s F. 1 ack 2
      +0.001 c . 2 ack 2 sack 1:2`);
    expect(meaningOf(flow, 7)).toBe('spurious retransmitted FIN');
    expect(statesFrom(flow, 'client', 'TIME_WAIT')).toEqual(['TIME_WAIT 2.03 #6 acked']);
  });

  it('had come with the ACK that it has brought as the first', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     c F. 1 ack 1
      +0.01  s F. 1 ack 2
      +0.012 s F. 1 ack 2
      +0.001 c . 2 ack 2 sack 1:2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_2')).toEqual([
      'FIN_WAIT_2 1.03 #5 seen',
      'TIME_WAIT 1.03 #5 acked',
    ]);
  });

  it('had come after the FIN that it crossed', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     c F. 1 ack 1
      +0.01  s F. 1 ack 1
      +0.002 c F. 1 ack 2
      +0.02  s . 2 ack 2 sack 1:2`);
    expect(meaningOf(flow, 6)).toBe('spurious retransmitted FIN');
    expect(statesFrom(flow, 'server', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.03 #5 sent',
      'CLOSING 1.03 #5 acked',
      'TIME_WAIT 1.032 #6 seen',
    ]);
  });

  it('twice: a D-SACK reports the last copy, two D-SACKs both', () => {
    const twice = `${PROBED}\n+0.2 c FP. 11:21 ack 1`;
    const once = runOne(`${twice}\n+0.001 s . 1 ack 22 sack 11:22`);
    expect([6, 7].map((frame) => meaningOf(once, frame))).toEqual([
      'retransmitted FIN',
      'spurious retransmitted FIN',
    ]);
    // The FIN itself, or its first copy: the later one, as wherever that is not known.
    expect(statesFrom(once, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.032 #6 acked']);
    const both = runOne(`${twice}
      +0.001 s . 1 ack 22 sack 11:22
      +0.001 s . 1 ack 22 sack 11:22`);
    expect([6, 7].map((frame) => meaningOf(both, frame))).toEqual(
      Array(2).fill('spurious retransmitted FIN'),
    );
    expect(both.counts.client.dsacks).toBe(2);
  });
});

describe('data before a FIN that was sent again', () => {
  it('is spurious where a D-SACK reports it', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     c P. 1:11  ack 1
      +0     c F. 11 ack 1
      +0.012 c P. 1:11 ack 1
      +0.001 s . 1 ack 12 sack 1:11`);
    expect(meaningOf(flow, 6)).toBe('spurious retransmitted data');
    expect(statesFrom(flow, 'server', 'CLOSE_WAIT')).toEqual(['CLOSE_WAIT 1.02 #5 acked']);
  });
});

describe('D-SACKs', () => {
  const SENT = `${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+0.01 s . 1 ack 11`;
  it.each<[string, string, number]>([
    ['in an established flow', '+0.01 c P. 1:11 ack 1\n+0.01 s . 1 ack 11 sack 1:11', 1],
    ['with data', '+0.01 c P. 1:11 ack 1\n+0.01 s P. 1:11 ack 11 sack 1:11', 1],
    ['of part of a segment', '+0.01 c P. 1:11 ack 1\n+0.01 s . 1 ack 11 sack 1:6', 1],
    ['of the SYN', '+0.01 s . 1 ack 11 sack 0:1', 1],
    ['of what was never sent', '+0.01 s . 1 ack 11 sack -20000:-19990', 0],
    ['twice over', '+0.01 s . 1 ack 11 sack 1:11\n+0.01 s . 1 ack 11 sack 1:6', 2],
    ['captured twice', '+0.01 s . 1 ack 11 sack 1:11\ndup +0.0001 ttl 63', 1],
    ['SACKs that are none', '+0.01 c P. 21:31 ack 1\n+0 s . 1 ack 11 sack 21:31', 0],
  ])('are counted %s', (_, script, count) => {
    const { counts } = runOne(`${SENT}\n${script}`);
    expect(counts).toMatchObject({ client: { dsacks: count }, server: { dsacks: 0 } });
  });

  it('to an end are unknown where nothing of its peer was captured', () => {
    const { counts } = runOne(`+0 c S 0\n+1 c S 0`);
    expect(counts).toMatchObject({ client: { dsacks: null }, server: { dsacks: 0 } });
  });

  it('of what was sent before the capture began are counted', () => {
    const { counts } = runOne(`
      +0    c P. 101:111 ack 1
      +0.01 s . 1 ack 111 sack 51:61`);
    expect(counts.client.dsacks).toBe(1);
  });
});

it('tail-loss probes of Linux are reported by Linux', async () => {
  const flows = await flowsOfFile('healthy/fin-probes.pcap', RECORDED);
  expect(flows.length).toBe(4);
  for (const { counts, segments } of flows) {
    expect(counts).toMatchObject({ client: { dsacks: 0 }, server: { dsacks: 1, fins: 2 } });
    expect(segments.map(({ meaning }) => meaning)).toContain('spurious retransmitted FIN');
  }
});
