import { describe, expect, it } from 'vitest';
import { MAX_SENDERS, Senders } from '../../../src/flow/table/senders.ts';
import { TRAIL_LIMIT } from '../../../src/flow/table/trail.ts';
import { CLOSED, ESTABLISHED, HALF_CLOSED } from '../fixtures.ts';
import { ENDS, run, runOne, swapEnds } from '../script.ts';

// ICMP errors that quote a segment of a flow (RFC 792, RFC 4443), and which of them Linux would believe (tcp_v4_err).

/** An address as the results have it. */
const router = (host: number) => `0:0:ffff:a0901${host.toString(16).padStart(2, '0')}`;

const UNANSWERED = `
  +0 c S 0
  icmp +0.001 c 0 3/13
  +1 c S 0
  icmp +0.001 c 0 3/10 from 2`;

describe('the first ICMP error about a flow', () => {
  it('is noted where it was captured, and the others are not', () => {
    const flow = runOne(UNANSWERED);
    expect(flow.icmp).toEqual({ at: 0.001, type: 3, code: 13, from: router(1) });
    expect(flow.segments).toEqual([
      { at: 0, frame: 1, endpoint: 'client', flags: 'S', seq: 0, ack: null, len: 0, meaning: 'SYN' },
      {
        at: 0.001,
        frame: 2,
        endpoint: 'client',
        flags: '',
        seq: 0,
        ack: null,
        len: 0,
        meaning: 'ICMP error',
      },
      {
        at: 1.001,
        frame: 3,
        endpoint: 'client',
        flags: 'S',
        seq: 0,
        ack: null,
        len: 0,
        meaning: 'retransmitted SYN',
      },
    ]);
  });

  it('is no segment: neither counts nor states know of it', () => {
    const flow = runOne(UNANSWERED);
    expect(flow).toMatchObject({ closeKind: 'unanswered', client: 'SYN_SENT', last: 1.001, observed: 1.002 });
    expect(flow.counts.client).toMatchObject({ segments: 2, retransmissions: 1, bytes: 0 });
    expect(flow.counts.server).toMatchObject({ segments: 0 });
    expect(flow).toMatchObject({ zeek: 'S0', history: 'S' });
  });

  it.each([
    ['the SYN', '+0 c S 0', 'c 0', 'client'],
    ["the SYN of a client that is not the key's low end", swapEnds('+0 c S 0'), 's 0', 'client'],
    ['the SYN-ACK', '+0 c S 0\n+0.01 s S. 0 ack 1', 's 0', 'server'],
    ['data', `${ESTABLISHED}\n+1 c P. 1:101 ack 1`, 'c 1', 'client'],
    [
      'the last of much data',
      `${ESTABLISHED}\n+1 s . 1:1001 ack 1\n+0 s . 1001:2001 ack 1`,
      's 1001',
      'server',
    ],
    ['an ACK', `${ESTABLISHED}\n+1 s P. 1:101 ack 1\n+0 c . 1 ack 101`, 'c 1', 'client'],
    ['a keep-alive', `${ESTABLISHED}\n+9 c . 0 ack 1`, 'c 0', 'client'],
    ['a FIN', `${ESTABLISHED}\n+1 c F. 1 ack 1`, 'c 1', 'client'],
    ['the last ACK', CLOSED, 'c 2', 'client'],
    ['a segment captured mid-stream', '+0 s P. 1000:2000 ack 7', 's 1000', 'server'],
    ['an end that was not captured itself', '+0 s P. 1000:2000 ack 70', 'c 70', 'client'],
    ['what an end that was not captured has sent since', '+0 s P. 1000:2000 ack 70', 'c 1500', 'client'],
  ])('may quote %s', (_, script, quote, end) => {
    const flow = runOne(`${script}\nicmp +0.01 ${quote} 11/0 from 9`);
    expect(flow.icmp).toMatchObject({ type: 11, code: 0, from: router(9) });
    expect(flow.segments.at(-1)).toMatchObject({ endpoint: end, meaning: 'ICMP error', flags: '', len: 0 });
  });

  it('has the largest type and code, of IPv6 too', () => {
    const words = (last: number) => [0x20010db8, 0, 0, last] as const;
    const ends = {
      client: { ...ENDS.client, address: words(1) },
      server: { ...ENDS.server, address: words(2) },
    };
    const flow = runOne('+0 c S 0\nicmp +0 c 0 255/255', ends);
    expect(flow.icmp).toMatchObject({ type: 255, code: 255 });
  });
});

describe('an ICMP error changes nothing', () => {
  const WITH_DATA = `${ESTABLISHED}
    +1    c P. 1:101 ack 1
    +0.01 s .  1     ack 101
    +1    c P. 101:201 ack 1`;
  it.each([
    ['before what is acknowledged', WITH_DATA, 'c 50'],
    ['two before what is acknowledged', WITH_DATA, 'c 99'],
    ['two before, with nothing under way', `${ESTABLISHED}\n+1 c P. 1:101 ack 1\n+0 s . 1 ack 101`, 'c 99'],
    ['after all that was sent', WITH_DATA, 'c 202'],
    ['far ahead', WITH_DATA, 'c 1000000000'],
    ['far behind', WITH_DATA, 'c -1000000000'],
    ["of the other end's numbers", WITH_DATA, 's 101'],
    ['a number of a SYN that was not sent', '+0 c S 0', 'c 5'],
    ['of an end of which no number is known', '+0 c S 0', 's 0'],
    ['far from what an uncaptured end has sent', '+0 s P. 1000:2000 ack 70', 'c 70000'],
  ])('if it quotes a number %s', (_, script, quote) => {
    const flow = runOne(`${script}\nicmp +0.01 ${quote} 3/1`);
    expect(flow.icmp).toBeNull();
    expect(flow.segments.map(({ meaning }) => meaning)).not.toContain('ICMP error');
  });

  it('where there is no such flow, and none begins', () => {
    expect(run('icmp +0 c 0 3/1\nicmp +0 s 0 3/1')).toEqual([]);
  });

  it('where the flow has expired', () => {
    const [flow, ...more] = run(`${CLOSED}\nwatch +700\nicmp +0 c 2 3/1`);
    expect(flow).toMatchObject({ icmp: null });
    expect(more).toEqual([]);
  });
});

describe('of two flows of one 4-tuple', () => {
  const REOPENED = `${CLOSED}
    reopen
    +2 c S 0`;

  it('the one whose number is quoted has the error', () => {
    const [old, young] = run(`${REOPENED}\nicmp +0.01 c 0 3/3`);
    expect([old!.icmp, young!.icmp]).toMatchObject([null, { type: 3, code: 3 }]);
  });

  it('also the older one, while it is open what became of it', () => {
    const flows = run(`${HALF_CLOSED}
      +0.010 s F. 1 ack 2
      reopen
      +2 c S 0
      isn s ${2_000_000}
      icmp +0.01 s 1 3/3`);
    expect(flows.map(({ icmp }) => icmp?.code ?? null)).toEqual([3, null]);
  });
});

it('stays in a trail that is full', () => {
  const syns = Array.from({ length: 2 * TRAIL_LIMIT }, () => '+1 c S 0');
  const flow = runOne(`+0 c S 0\nicmp +0.1 c 0 3/13\n${syns.join('\n')}`);
  expect(flow.icmp).toMatchObject({ at: 0.1 });
  expect(flow.segments.length).toBe(TRAIL_LIMIT);
  expect(flow.segments.map(({ meaning }) => meaning).slice(0, 2)).toEqual(['SYN', 'ICMP error']);
});

describe('the senders', () => {
  it('have a number each, and are found by it', () => {
    const senders = new Senders();
    expect(senders.numberOf(0, 0, 0xffff, 7)).toBe(1);
    expect(senders.numberOf(0x20010db8, 0, 0, 7)).toBe(2);
    expect(senders.numberOf(0, 0, 0xffff, 7)).toBe(1);
    expect([...senders.words.subarray(4, 12)]).toEqual([0, 0, 0xffff, 7, 0x20010db8, 0, 0, 7]);
  });

  it('are not kept beyond a bound, and those that are stay', () => {
    const senders = new Senders();
    for (let i = 1; i < MAX_SENDERS; i++) expect(senders.numberOf(0, 0, 0xffff, i)).toBe(i);
    expect(senders.numberOf(0, 0, 0xffff, MAX_SENDERS)).toBe(0);
    expect(senders.numberOf(0, 0, 0xffff, MAX_SENDERS - 1)).toBe(MAX_SENDERS - 1);
  });
});
