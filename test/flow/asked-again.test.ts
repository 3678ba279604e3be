import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACCEPTED, ESTABLISHED, expectPaths, meaningOf, OPENED, statesFrom } from './fixtures.ts';
import { flowsOfFile, WILD } from './recorded.ts';
import { run, runOne } from './script.ts';

// A SYN that is sent again after an RST: which attempts are one connection.

/** The script with the ends exchanged. */
const mirrored = (script: string) =>
  script.replace(/ ([cs]) {1,2}(?=[A-Z.])/g, (_, who) => ` ${who === 'c' ? 's' : 'c'} `);
const EACH_SIDE = [
  ['to the lower address', (script: string) => script],
  ['to the higher address', mirrored],
] as const;

describe.each(EACH_SIDE)('a SYN that meets an old connection that was not captured, %s', (_, turned) => {
  it.each([
    ['an old ACK', 's .  900 ack 700000', 'c R 700000'],
    ['an old ACK, of a number before the SYN', 's .  900 ack -5', 'c R -5'],
    ['an old ACK, of the SYN as it was before', 's .  900 ack 0', 'c R 0'],
    ['the SYN-ACK of another SYN', 's S. 900 ack 700000', 'c R 700000'],
  ])('answered by %s, then RST: sent again, it is the same attempt', (_, answer, rst) => {
    const flow = runOne(
      turned(`
        +0    c S  0
        +0.01 ${answer}
        +0    ${rst}
        +3    c S  0
        +0.01 s S. 0 ack 1
        +0.01 c .  1 ack 1`),
    );
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow).toMatchObject({ closeKind: 'open', resetBy: null, resetKind: null, first: 0, opened: 3.03 });
    expect(statesFrom(flow, 'server', 'SYN_RECEIVED')[0]).toBe('SYN_RECEIVED 3.01 #4 acked');
    expect(flow.counts.client).toMatchObject({ bytes: 0, retransmissions: 1, rsts: 1 });
    expect([2, 3, 4].map((frame) => meaningOf(flow, frame))).toEqual([
      'challenge ACK',
      'spurious RST',
      'retransmitted SYN',
    ]);
  });

  it.each([
    ['without the RST, which was not captured', ''],
    ['with the old ACK repeated', '+0 c R 700000\n+1 c S 0\n+0.01 s . 900 ack 700000'],
  ])('%s', (_, then) => {
    const flow = runOne(
      turned(`+0 c S 0\n+0.01 s . 900 ack 700000\n${then}\n+3 c S 0\n+0.01 s S. 0 ack 1\n+0 c . 1 ack 1`),
    );
    expectPaths(flow, OPENED, ACCEPTED);
  });

  it('answered by a SYN-ACK of something else, then RST, and not answered again: the RST stays', () => {
    const flow = runOne(turned('+0 c S 0\n+0.01 s S. 900 ack 700000\n+0 c R 700000\n+1 c S 0'));
    expect(flow).toMatchObject({ client: 'SYN_SENT CLOSED', closeKind: 'reset', resetBy: 'client' });
  });

  it('and is never answered: still SYN_SENT', () => {
    const flow = runOne(turned('+0 c S 0\n+0.01 s . 900 ack 700000\n+0 c R 700000\n+1 c S 0'));
    expect(flow).toMatchObject({ client: 'SYN_SENT', closedFirst: null, resetBy: null });
  });

  it('and is then refused: refused', () => {
    const flow = runOne(
      turned(`
        +0    c S  0
        +0.01 s .  900 ack 700000
        +0    c R  700000
        +1    c S  0
        +0.01 s R. 0 ack 1`),
    );
    expect(flow).toMatchObject({ closeKind: 'refused', resetBy: 'server', resetKind: 'refused' });
  });

  it('with another ISN: another attempt', () => {
    const flows = run(
      turned(`
        +0    c S  0
        +0.01 s .  900 ack 700000
        +0    c R  700000
        +3    c S  5000
        +0.01 s S. 0 ack 5001
        +0.01 c .  5001 ack 1`),
    );
    expect(flows.map(({ client }) => client)).toEqual(['SYN_SENT CLOSED', OPENED]);
  });
});

describe('what an old connection does not send', () => {
  it('is an ACK of the SYN: the SYN-ACK was not captured', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s .  1 ack 1
      +0.01 c P. 1:11 ack 1`);
    expect(flow.server).toContain('ESTABLISHED');
  });

  it('is data: what is between was not captured', () => {
    const flow = runOne(`
      +0    c S  0
      +0.01 s P. 1:101 ack 501
      +0.01 c .  501 ack 101`);
    expect(flow.counts).toMatchObject({ client: { bytes: 500 }, server: { bytes: 100 } });
  });

  it.each([0, 1])('is an RST at number %d, of the SYN or after it: that aborts the attempt', (seq) => {
    expect(runOne(`+0 c S 0\n+0.01 c R ${seq}`)).toMatchObject({ closeKind: 'reset', resetBy: 'client' });
  });
});

describe.each(EACH_SIDE)('a refused SYN, %s', (_, turned) => {
  const REFUSED = '+0 c S 0\n+0.01 s R. 0 ack 1';
  const AGAIN = '+0.5 c S 0\n+0.01 s R. 0 ack 1';

  it('sent twice more, is one flow, refused once', () => {
    const flow = runOne(turned([REFUSED, AGAIN, AGAIN].join('\n')));
    expect(statesFrom(flow, 'client', 'SYN_SENT')).toEqual([
      'SYN_SENT 0 #1 sent',
      'CLOSED 1.03 #6 rst-received',
    ]);
    expect(flow).toMatchObject({
      closeKind: 'refused',
      resetBy: 'server',
      resetKind: 'refused',
      zeek: 'REJ',
    });
    expect(flow.counts).toMatchObject({ client: { segments: 3, retransmissions: 2 }, server: { rsts: 3 } });
  });

  it('sent again without an answer, stays refused', () => {
    expect(runOne(turned(`${REFUSED}\n+0.5 c S 0`))).toMatchObject({
      closeKind: 'refused',
      closeEnded: 0.01,
      client: 'SYN_SENT CLOSED',
    });
  });

  it('sent again and accepted, is one connection', () => {
    const flow = runOne(turned(`${REFUSED}\n+0.5 c S 0\n+0.01 s S. 0 ack 1\n+0.01 c . 1 ack 1`));
    expectPaths(flow, OPENED, ACCEPTED);
    expect(flow).toMatchObject({ closeKind: 'open', resetBy: null, resetKind: null });
  });

  it.each([
    ['the same SYN much later', '+3.5 c S 0\n+0.01 s R. 0 ack 1'],
    ['another ISN', '+0.5 c S 5000\n+0.01 s R. 0 ack 5001'],
  ])('%s is another connection', (_, then) => {
    const flows = run(turned(`${REFUSED}\n${then}`));
    expect(flows.map(({ closeKind }) => closeKind)).toEqual(['refused', 'refused']);
  });

  it('an RST that comes twice refuses once', () => {
    const flow = runOne(turned(`${REFUSED}\n+0.1 s R. 0 ack 1`));
    expect(meaningOf(flow, 3)).toBe('repeated RST');
    expect(flow.closeEnded).toBe(0.01);
  });
});

it('the same ISN after an RST of an open connection is another one', () => {
  const flows = run(`${ESTABLISHED}\n+4 c R. 1 ack 1\n+0.5 c S 0\n+0.01 s S. 0 ack 1`);
  expect(flows).toHaveLength(2);
});

describe.skipIf(!existsSync(WILD))(
  'recorded elsewhere (left out where ../shared/examples is missing)',
  () => {
    it('challenged in SYN_SENT, then accepted', async () => {
      const flows = await flowsOfFile('syn-sent-challenged-then-accepted.pcap');
      expect(flows).toMatchObject([
        { closeKind: 'fin-reset', closedFirst: 'server', counts: { client: { bytes: 673 } } },
      ]);
    });

    it('Windows, refused three times', async () => {
      const flows = await flowsOfFile('windows-refused-3-syns.pcap');
      expect(flows).toMatchObject([{ closeKind: 'refused', counts: { client: { segments: 3 } } }]);
    });
  },
);
