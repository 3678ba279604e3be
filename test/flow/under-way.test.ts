import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACCEPTED, ESTABLISHED, expectPaths, HALF_CLOSED, OPENED, statesFrom } from './fixtures.ts';
import { flowsOfFile, WILD } from './recorded.ts';
import { runOne } from './script.ts';

// What is captured within a round trip after an RST was sent before the RST arrived.

describe('an RST that crosses a FIN of its receiver', () => {
  it.each([
    [
      'alone',
      '+1 c R. 1 ack 1\n+0.005 s F. 1 ack 1',
      `${OPENED} CLOSED`,
      `${ACCEPTED} FIN_WAIT_1 CLOSED`,
      'client',
    ],
    [
      'after a FIN that crossed it, too',
      '+1 c F. 1 ack 1\n+0.001 c R 1\n+0.001 s F. 1 ack 1\n+0.001 s . 2 ack 2',
      `${OPENED} FIN_WAIT_1 CLOSED`,
      `${ACCEPTED} FIN_WAIT_1 CLOSING CLOSED`,
      'both',
    ],
    [
      'after a FIN that it acknowledges',
      '+1 c F. 1 ack 1\n+0.001 c R 2\n+0.001 s F. 1 ack 2',
      `${OPENED} FIN_WAIT_1 CLOSED`,
      `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`,
      'client',
    ],
  ])('%s', (_, close, client, server, closedFirst) => {
    const flow = runOne(`${ESTABLISHED}\n${close}`);
    expectPaths(flow, client, server);
    expect(flow).toMatchObject({ closedFirst, resetBy: 'client' });
    expect(flow.closeEnded).toBe(flow.stateTimes.server.at(-1)?.at);
  });

  it('of the server', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     s R. 1 ack 1
      +0.001 c F. 1 ack 1`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 CLOSED`, `${ACCEPTED} CLOSED`);
    expect(flow).toMatchObject({ closedFirst: 'server', resetBy: 'server', closeKind: 'fin-reset' });
  });

  it('out of CLOSE_WAIT', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1     c R  2
      +0.005 s F. 1 ack 2`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 FIN_WAIT_2 CLOSED`, `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`);
    expect(statesFrom(flow, 'server', 'LAST_ACK')).toEqual([
      'LAST_ACK 2.035 #7 sent',
      'CLOSED 2.035 rst-received',
    ]);
  });

  it.each([
    [
      'a FIN later than a round trip: the RST has not arrived',
      '+0.02 s F. 1 ack 1',
      `${ACCEPTED} FIN_WAIT_1`,
    ],
    ['data within a round trip', '+0.005 s P. 1:11 ack 1', `${ACCEPTED} CLOSED`],
    ['nothing', '', `${ACCEPTED} CLOSED`],
  ])('but %s', (_, then, server) => {
    expect(runOne(`${ESTABLISHED}\n+1 c R. 1 ack 1\n${then}`).server).toBe(server);
  });
});

it('an RST that is repeated after what was under way: the last one finds the socket gone, or closes it', () => {
  const flow = runOne(`${ESTABLISHED}
    +1     c R  1
    +0.001 s F. 1 ack 1
    +0.001 c R  1
    +0.001 c R  1`);
  expect(statesFrom(flow, 'server', 'FIN_WAIT_1')).toEqual([
    'FIN_WAIT_1 1.021 #5 sent',
    'CLOSED 1.022 #6 rst-received',
  ]);
});

describe.skipIf(!existsSync(WILD))(
  'recorded elsewhere (left out where ../shared/examples is missing)',
  () => {
    it('a browser that closes, and resets what was under way', async () => {
      const [flow] = await flowsOfFile('browser-fin-rst-crossing-fin.pcap');
      expectPaths(flow!, `${OPENED} FIN_WAIT_1 CLOSED`, `${ACCEPTED} FIN_WAIT_1 CLOSING CLOSED`);
      expect(flow).toMatchObject({ closeKind: 'fin-reset', closedFirst: 'both', resetBy: 'client' });
    });
  },
);
