import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LARGEST_WINDOW } from '../../../src/decode/sequence.ts';
import { ACCEPTED, ESTABLISHED, expectPaths, OPENED, statesFrom } from '../fixtures.ts';
import { flowsOfFile, WILD } from '../recorded.ts';
import { runOne } from '../script.ts';

// Numbers that are not this connection's: translated by a firewall between two capture points, or broken.

/** A close by the server after 300 bytes; `twice` gives the lines of a segment of the server. */
const closedByServer = (twice: (flags: string, seq: number, end: number, ack: number) => string) => `
  +0     c S   0
  +0.01  ${twice('S.', 0, 0, 1)}
  +0.01  c .   1 ack 1
  +0.1   c P.  1:101 ack 1
  +0.01  ${twice('.', 1, 1, 101)}
  +0.01  ${twice('P.', 1, 201, 101)}
  +0.01  c .   101 ack 201
  +0.01  ${twice('FP.', 201, 301, 101)}
  +0.01  c .   101 ack 302
  +0.01  c F.  101 ack 302
  +0.01  ${twice('.', 302, 302, 102)}`;

describe("one end's segments, captured before and after a firewall that translates its numbers", () => {
  const offsets = [
    ['both behind', -300_000_000, -500_000_000],
    ['far ahead, and behind', 2_410_034_660, -321_972_456],
    ['behind, and far ahead', -5_000_000, 2_000_000_000],
    ['both far ahead', 2_000_000_000, 1_500_000_000],
  ] as const;
  const orders = [
    ['the translated one first', (real: string, other: string) => `${other}\n+0 ${real}`],
    ['the translated one second', (real: string, other: string) => `${real}\n+0 ${other}`],
  ] as const;
  const cases = orders.flatMap(([order, inOrder]) =>
    offsets.map(([where, seqs, acks]) => ({ order, inOrder, where, seqs, acks })),
  );

  it.each(cases)('$order, $where: one close, each byte once', ({ inOrder, seqs, acks }) => {
    const flow = runOne(
      closedByServer((flags, seq, end, ack) => {
        const line = (by: number, acked: number) => {
          const data = end > seq ? `${seq + by}:${end + by}` : `${seq + by}`;
          return `s ${flags} ${data} ack ${ack + acked}`;
        };
        return inOrder(line(0, 0), line(seqs, acks));
      }),
    );
    expectPaths(flow, `${OPENED} CLOSE_WAIT LAST_ACK CLOSED`, `${ACCEPTED} FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT`);
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'server' });
    expect(flow.counts).toMatchObject({
      client: { bytes: 100, retransmissions: 0, fins: 1 },
      server: { bytes: 300, retransmissions: 0, fins: 1, segments: 10 },
    });
  });

  it('and those of the client: the same', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c P. -4999:-4899 ack -999
      +0    c P. 1:101       ack 1
      +0.01 s .  1           ack 101
      +1    c F. -4899       ack -999
      +0    c F. 101         ack 1
      +0.01 s F. 1           ack 102
      +0.01 c .  -4898       ack -998
      +0    c .  102         ack 2`);
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'client' });
    expect(flow.counts.client).toMatchObject({ bytes: 100, fins: 1, retransmissions: 0 });
  });
});

describe('a number beyond any window', () => {
  const FAR = 1_900_000_000;

  it.each([
    ['data', `c P. ${FAR}:${FAR + 100} ack 1`],
    ['a bare ACK', `c . ${FAR} ack 1`],
  ])('of %s that nothing follows is not counted', (_, far) => {
    const flow = runOne(`${ESTABLISHED}
      +1    ${far}
      +0.01 s .  1       ack 1
      +0.01 c P. 1:101   ack 1
      +0.01 c P. 101:201 ack 1
      +0.01 s .  1       ack 201`);
    expect(flow.counts.client).toMatchObject({ bytes: 200, retransmissions: 0 });
  });

  it('of a FIN: the next FIN is the first', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. ${FAR}  ack 1
      +0.01 s .  1       ack 1
      +1    c F. 1       ack 1
      +0.01 s .  1       ack 2`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')[0]).toBe('FIN_WAIT_1 2.03 #6 sent');
    expect(flow.counts.client.bytes).toBe(0);
  });

  it('of a FIN that is sent again: it was sent then', () => {
    const flow = runOne(`${ESTABLISHED}
      +1    c F. ${FAR} ack 1
      +1    c F. ${FAR} ack 1
      +0.01 s .  1      ack ${FAR + 1}`);
    expect(statesFrom(flow, 'client', 'FIN_WAIT_1')[0]).toBe('FIN_WAIT_1 1.02 #4 sent');
  });

  it.each([
    ['data is a hole once the peer acknowledges it', `c P. ${FAR}:${FAR + 100} ack 1`, FAR + 100, FAR + 99],
    [
      'data is one if the peer acknowledges what is before it',
      `c P. ${FAR}:${FAR + 100} ack 1`,
      FAR,
      FAR - 1,
    ],
    ['a FIN, too', `c F. ${FAR} ack 1`, FAR + 1, FAR - 1],
  ])('of %s', (_, far, ack, bytes) => {
    const flow = runOne(`${ESTABLISHED}\n+1 ${far}\n+0.01 s . 1 ack ${ack}`);
    expect(flow.counts.client.bytes).toBe(bytes);
  });

  it.each([
    ['unscaled at both ends', '', '', 65_535],
    ['unscaled at one', 'wscale 7', '', 65_535],
    ['scaled by 2^2 at the receiver', 'wscale 14', 'wscale 2', 65_535 * 4],
    ['scaled by 2^14', 'wscale 0', 'wscale 14', LARGEST_WINDOW],
  ])('is one beyond the largest window, %s', (_, client, server, window) => {
    const flow = runOne(`
      +0    c S  0 ${client}
      +0.01 s S. 0 ack 1 ${server}
      +0.01 c .  1 ack 1
      +1    c P. ${window}:${1 + window} ack 1
      +1    c P. ${1 + 2 * window}:${2 + 2 * window} ack 1`);
    expect(flow.counts.client.bytes).toBe(window);
  });

  it('counts at once if the other direction is not captured', () => {
    const flow = runOne(`+0 c P. 1:101 ack 1\n+1 c P. ${FAR}:${FAR + 100} ack 1`);
    expect(flow.counts.client.bytes).toBe(FAR + 99);
  });

  it('is an ordinary one after more than 3 GB', () => {
    const lines = Array.from({ length: 4 }, (_, i) => {
      const [from, to] = [1 + i * 1_000_000_000, 1 + (i + 1) * 1_000_000_000];
      return `+1 c P. ${from}:${to} ack 1\n+0.01 s . 1 ack ${to}`;
    });
    const flow = runOne(`${ESTABLISHED}\n${lines.join('\n')}\n+1 c F. 4000000001 ack 1`);
    expect(flow).toMatchObject({ closedFirst: 'client', counts: { client: { bytes: 4_000_000_000 } } });
  });
});

it('numbers of a connection under way are relative to the first one that was captured or acknowledged', () => {
  const flow = runOne(`
    +0    s F. 1000   ack 5000
    +0.05 c .  5221   ack 1001`);
  expect(flow.segments.map(({ seq, ack }) => [seq, ack])).toEqual([
    [1, 1],
    [222, 2],
  ]);
});

describe.skipIf(!existsSync(WILD))(
  'recorded elsewhere (left out where ../shared/examples is missing)',
  () => {
    it("a server's segments before and after a firewall", async () => {
      const [flow] = await flowsOfFile('isn-translated-twice.pcap');
      expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: 'server' });
      expect(flow?.counts).toMatchObject({
        client: { bytes: 739, fins: 1 },
        server: { bytes: 12_102, fins: 1 },
      });
    });

    it('FINs that are not accepted, the last with a broken number', async () => {
      const [flow] = await flowsOfFile('fin-retransmitted-not-accepted.pcap');
      expect(flow).toMatchObject({
        closeKind: 'half',
        closedFirst: null,
        counts: { server: { bytes: 0 } },
      });
      expect(flow?.segments.every(({ ack }) => ack === null || ack >= 0)).toBe(true);
    });
  },
);
