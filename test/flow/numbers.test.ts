import { describe, expect, it } from 'vitest';
import { ACCEPTED, CLOSED, ESTABLISHED, expectPaths, HALF_CLOSED, OPENED, statesFrom } from './fixtures.ts';
import { runOne } from './script.ts';

const ACTIVE = `${OPENED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`;
const PASSIVE = `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`;

describe('case 26: sequence numbers wrap', () => {
  it.each([
    ['in the handshake', 4294967295, 4294967295],
    ['in the data', 4294967290, 4294967295],
    ['at the FIN', 4294967195, 5],
    ['after the FIN', 4294967194, 5],
    ['at the last ACK', 4294967193, 4294967294],
  ])('%s', (_, client, server) => {
    const flow = runOne(`
      isn c ${client} s ${server}
      ${ESTABLISHED}
      +1    c P. 1:101 ack 1
      +0.01 s .  1     ack 101
      +1    c F. 101   ack 1
      +0.01 s F. 1     ack 102
      +0.01 c .  102   ack 2`);
    expectPaths(flow, ACTIVE, PASSIVE);
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'client' });
    expect(flow.counts.client).toMatchObject({ bytes: 100, retransmissions: 0 });
    expect(flow.segments.map(({ seq }) => seq)).toEqual([0, 0, 1, 101, 1, 102]);
  });

  it.each([3, 5000, 2 ** 30, 2 ** 31, 3_000_000_000, 3 * 2 ** 30 - 10])(
    'with SYN, FIN and RST captured alone, the FIN %d bytes after the SYN',
    (length) => {
      const flow = runOne(`
        +0    c S  0
        +0.01 s S. 0         ack 1
        +9    c F. ${length} ack 1
        +0.01 s F. 1         ack ${length + 1}`);
      expect(flow.client).toContain('FIN_WAIT_1');
      expect(statesFrom(flow, 'server', 'CLOSE_WAIT')[0]).toBe('CLOSE_WAIT 9.01 #3 acked');
      expect(flow.closeKind).toBe('fin-unacked');
      expect(flow.counts.client).toMatchObject({ bytes: length - 1, retransmissions: 0 });
    },
  );

  it('with more than 2 GB missing, what crosses is not taken for acknowledged', () => {
    const flow = runOne(`${ESTABLISHED}
      +9    c F. 3000000000 ack 1
      +0.01 s F. 1          ack 3000000000
      +0.01 c .  3000000001 ack 2`);
    expect(flow).toMatchObject({ closeKind: 'fin-unacked', closedFirst: 'both' });
  });

  it('more than 4 GB are counted as bytes, each once', () => {
    const lines = Array.from({ length: 5 }, (_, i) => {
      const [from, to] = [1 + i * 1_000_000_000, 1 + (i + 1) * 1_000_000_000];
      return `+1 c P. ${from}:${to} ack 1\n+0.01 s . 1 ack ${to}`;
    });
    const flow = runOne(`${ESTABLISHED}\n${lines.join('\n')}
      +1 c F. 5000000001 ack 1
      +0 s . 1 ack 5000000002`);
    expect(flow.counts.client.bytes).toBe(5_000_000_000);
    expect(flow.client).toBe(`${OPENED} FIN_WAIT_1 FIN_WAIT_2`);
  });
});

describe('counters', () => {
  it('bytes count each number once, retransmissions what carried nothing new', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c P. 1:101   ack 1
      +1   c P. 1:101   ack 1
      +1   c P. 51:151  ack 1
      +0.1 s .  1       ack 151
      +1   s P. 1:11    ack 151
      +1   c .  151     ack 11`);
    expect(flow.counts).toMatchObject({
      client: { fins: 0, rsts: 0, bytes: 150, segments: 6, retransmissions: 1, duplicates: 0, missed: 0 },
      server: { fins: 0, rsts: 0, bytes: 10, segments: 3, retransmissions: 0, duplicates: 0, missed: 0 },
    });
  });

  it('bytes that were acknowledged but never captured count too', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c P. 1:101   ack 1
      +0.1 s .  1       ack 1101
      +1   c P. 1101:1201 ack 1`);
    expect(flow.counts.client.bytes).toBe(1200);
  });

  it('a SYN, a SYN-ACK and a FIN sent again are retransmissions', () => {
    const flow = runOne(`
      +0   c S  0
      +1   c S  0
      +0   s S. 0 ack 1
      +1   s S. 0 ack 1
      +0   c .  1 ack 1
      +1   s F. 1 ack 1
      +0.2 s F. 1 ack 1`);
    expect(flow.counts.client).toMatchObject({ segments: 3, retransmissions: 1, bytes: 0 });
    expect(flow.counts.server).toMatchObject({ segments: 4, retransmissions: 2, fins: 2, bytes: 0 });
  });

  it.each([
    ['without payload', '0'],
    ['with a byte of garbage', '0:1'],
  ])('case 15: a keep-alive %s is no retransmission', (_, seq) => {
    const flow = runOne(`${ESTABLISHED}
      +75   c . ${seq} ack 1
      +0.01 s . 1      ack 1
      +75   c . ${seq} ack 1
      +0.01 s . 1      ack 1`);
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow.counts.client).toMatchObject({ bytes: 0, retransmissions: 0, segments: 4 });
  });

  it('first, last and observed are times of the flow; another flow continues', () => {
    const flow = runOne(`${ESTABLISHED}
      watch +5`);
    expect(flow).toMatchObject({ first: 0, last: 0.02, observed: 5.02, firstFrame: 1 });
  });
});

describe('case 28: frames captured twice', () => {
  const doubled = (script: string, copy: string) =>
    script.replace(/^.*[cs] .*$/gm, (line) => `${line}\n${copy}`);

  it.each([
    ['by the any device', 'dup +0.00001'],
    ['on both sides of a router', 'dup +0.0005 ttl 63'],
    ['at the same instant', 'dup'],
  ])('%s change no verdict and are counted apart', (_, copy) => {
    const once = runOne(CLOSED);
    const twice = runOne(doubled(CLOSED, copy));
    expectPaths(twice, once.client, once.server);
    expect(twice).toMatchObject({ closeKind: 'fin', closedFirst: 'client', history: once.history });
    expect(twice.segments.map(({ meaning }) => meaning)).toEqual(once.segments.map(({ meaning }) => meaning));
    expect(twice.counts).toEqual({
      client: { ...once.counts.client, duplicates: 4 },
      server: { ...once.counts.server, duplicates: 3 },
    });
  });

  it('a FIN sent again has another IP identification: it is no copy', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     c F. 1 ack 1
      +0.001 c F. 1 ack 1`);
    expect(flow.counts.client).toMatchObject({ fins: 2, duplicates: 0, missed: 0, retransmissions: 1 });
  });

  it('nor has what comes much later, whatever its identification', () => {
    const flow = runOne(`${ESTABLISHED}
      +1 c F. 1 ack 1 id 9
      +1 c F. 1 ack 1 id 9`);
    expect(flow.counts.client).toMatchObject({ fins: 2, duplicates: 0, missed: 0 });
  });
});

describe('what the trail keeps', () => {
  it('is bounded: 1000 retransmitted FINs stay one flow and 48 segments, the first among them', () => {
    const again = Array.from({ length: 1000 }, () => '+0.2 c F. 1 ack 1');
    const flow = runOne([ESTABLISHED, '+1 c F. 1 ack 1', ...again, '+0.01 s . 1 ack 2'].join('\n'));
    expect(flow.segments).toHaveLength(48);
    expect(flow.segments.map(({ frame }) => frame)).toContain(4);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')).toEqual([
      'FIN_WAIT_1 1.02 #4 sent',
      'FIN_WAIT_2 201.03 #1005 seen',
    ]);
    expect(flow.counts.client).toMatchObject({ fins: 1001, retransmissions: 1000 });
  });

  it('is in the order of capture', () => {
    const again = Array.from({ length: 100 }, () => '+1 s F. 1 ack 2\n+0 c . 2 ack 2');
    const flow = runOne([HALF_CLOSED, ...again].join('\n'));
    const frames = flow.segments.map(({ frame }) => frame);
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
    expect(flow.timeWaits.client?.rearmed).toBe(99);
  });
});
