import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACCEPTED, ESTABLISHED, expectPaths, OPENED, statesFrom } from '../fixtures.ts';
import { flowsOfFile, WILD } from '../recorded.ts';
import { runOne } from '../script.ts';

// An RST in the name of an endpoint that goes on: whether its receiver accepted it shows in what that one does.

const ASKED = `${ESTABLISHED}
  +1 c P. 1:11 ack 1`;

describe('an RST in the name of an endpoint that goes on', () => {
  it('was accepted if its receiver answers what follows by RST without ACK', () => {
    const flow = runOne(`${ASKED}
      +0.005 s R  1 ttl 21
      +0.005 s P. 1:101 ack 11
      +0     c R  11`);
    expectPaths(flow, `${OPENED} CLOSED`, `${ACCEPTED} CLOSED`);
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 1.025 #5 rst-received']);
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 1.03 #7 rst-received']);
    expect(flow).toMatchObject({
      closeKind: 'reset',
      closedFirst: 'server',
      closeStarted: 1.025,
      closeEnded: 1.03,
      resetBy: 'server',
      resetKind: 'injected',
      resetEvidence: 'sender-went-on',
    });
  });

  it('the same in the name of the client', () => {
    const flow = runOne(`${ASKED}
      +0.005 c R. 11 ack 1
      +0.1   c P. 11:21 ack 1
      +0.01  s R  1`);
    expect(flow).toMatchObject({ closedFirst: 'client', resetBy: 'client', resetKind: 'injected' });
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 1.025 #5 rst-received']);
  });

  it('more RSTs in that name change nothing', () => {
    const flow = runOne(`${ASKED}
      +0.005 s R  1 ttl 21
      +0     s R  500 ttl 21
      +0.005 s P. 1:101 ack 11
      +0     c R  11
      +0     s R  101
      +0.005 s P. 1:101 ack 11
      +0     c R  11`);
    expect(flow).toMatchObject({ resetBy: 'server', resetKind: 'injected', closeStarted: 1.025 });
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 1.025 #5 rst-received']);
  });

  it.each([
    ['goes on itself', '+1 c P. 11:21 ack 101\n+0.01 s . 101 ack 21\n+1 c R 21', 'client'],
    ['aborts with an ACK', '+0 c R. 11 ack 101', 'client'],
    ['answers by ACK', '+0 c . 11 ack 101', null],
  ])('was not if its receiver %s', (_, then, by) => {
    const flow = runOne(`${ASKED}
      +0.005 s R  1 ttl 21
      +0.005 s P. 1:101 ack 11
      ${then}`);
    expect(flow.resetBy).toBe(by);
    expect(statesFrom(flow, 'client', 'CLOSED').join()).not.toContain('#5');
  });
});

describe.skipIf(!existsSync(WILD))(
  'recorded elsewhere (left out where ../shared/examples is missing)',
  () => {
    it('a box on the way resets, the server goes on, the client has no socket any more', async () => {
      const [flow] = await flowsOfFile('injected-rst-taken-back.pcap');
      expect(flow).toMatchObject({
        closeKind: 'reset',
        closedFirst: 'server',
        resetBy: 'server',
        resetKind: 'injected',
      });
      expect(flow?.stateTimes.client.at(-1)).toMatchObject({ state: 'CLOSED', frame: 5 });
      expect(flow?.stateTimes.server.at(-1)).toMatchObject({ state: 'CLOSED', frame: 8 });
    });
  },
);
