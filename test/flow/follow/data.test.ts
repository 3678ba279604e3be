import { describe, expect, it } from 'vitest';
import { SIDES } from '../fixtures.ts';
import { run, runOne } from '../script.ts';

// When the last data was sent before a close, and what data the close met.

const OPEN = `
  +0    c S  0
  +0.01 s S. 0     ack 1
  +0.01 c .  1     ack 1
  +0.01 c P. 1:11  ack 1
  +0.01 s P. 1:101 ack 11
  +0.01 c .  11    ack 101`;

describe.each(SIDES)('idle before the close, with %s as the client', (_, ends) => {
  it.each<[string, string, number | null]>([
    ['from its own last data', '+2 s F. 101 ack 11\n +0.01 c F. 11 ack 102', 2.01],
    [
      'from data that it has acknowledged',
      '+1 c P. 11:21 ack 101\n +0.02 s . 101 ack 21\n +2 s F. 101 ack 21',
      2.02,
    ],
    ['from data that its FIN acknowledges', '+1 c P. 11:21 ack 101\n +0.5 s F. 101 ack 21', 0.5],
    ['not from data that crosses the FIN', '+2 c P. 11:21 ack 101\n +0 s F. 101 ack 11', 2.01],
    [
      'not from an upload that was partly acknowledged before',
      '+2 c P. 11:21 ack 101\n +0 c P. 21:31 ack 101\n +0.01 s . 101 ack 21\n +0.1 s F. 101 ack 21',
      0.1,
    ],
    ['not from keep-alives', '+1 c . 10 ack 101\n +0.01 s . 101 ack 11\n +1 s F. 101 ack 11', 2.02],
    ['not from what is sent again', '+1 s P. 1:101 ack 11\n +1 s F. 101 ack 11', 2.01],
    [
      'not from data after its FIN',
      '+2 s F. 101 ack 11\n +0.01 c P. 11:21 ack 102\n +0 s . 102 ack 21',
      2.01,
    ],
    ['not from a TLS alert before its FIN', '+2 s P. 101:132 ack 11 byte 21\n +0 s F. 132 ack 11', 2.01],
    ['not from one of TLS 1.3', '+2 s P. 101:125 ack 11 byte 23\n +0 s F. 125 ack 11', 2.01],
    ['but from other TLS', '+2 s P. 101:126 ack 11 byte 23\n +0 s F. 126 ack 11', 0],
    ['none, where the FIN has data', '+2 s FP. 101:111 ack 11', 0],
    ['from its own last data of much', '+1 s P. 101:111 ack 11\n +2 s F. 111 ack 11', 2],
    ['of the end that sent RST', '+2 c R. 11 ack 101', 2.01],
    ['of the end whose FIN came first', '+2 s F. 101 ack 11\n +0.001 c F. 11 ack 101', 2.01],
    ['none, of a FIN that was not captured', '+2 c . 11 ack 102', null],
    ['none, of a flow that is open', '+2 c . 10 ack 101', null],
  ])('%s', (_, script, idle) => {
    expect(runOne(ends(`${OPEN}\n${script}`)).idleBeforeClose).toBe(idle);
  });

  it('none, where no data was sent', () => {
    const script = '+0 c S 0\n +0.01 s S. 0 ack 1\n +0.01 c . 1 ack 1\n +2 s F. 1 ack 1\n +0.01 c F. 1 ack 2';
    expect(runOne(ends(script)).idleBeforeClose).toBe(null);
  });
});

describe.each(SIDES)('the last turn before a close, with %s as the client', (_, ends) => {
  it.each<[string, string, readonly [string | null, number | null, number | null], number]>([
    ["is the server's where it answered", '+2 c F. 11 ack 101', ['server', 0.01, 100], 1],
    ["is the client's where it waits", '+1 c P. 11:31 ack 101\n +2 c F. 31 ack 101', ['client', 1.01, 20], 1],
    [
      'has the length of its first segment',
      '+1 c P. 11:31 ack 101\n +0.1 c P. 31:61 ack 101\n +2 c F. 61 ack 101',
      ['client', 1.01, 20],
      1,
    ],
    ['with what its FIN carries', '+1 c FP. 11:31 ack 101\n +0.1 s F. 101 ack 32', ['client', 1.01, 20], 1],
    [
      'an answer ends it',
      '+1 c P. 11:31 ack 101\n +0.2 s P. 101:111 ack 31\n +2 c F. 31 ack 111',
      ['server', 0.2, 10],
      2,
    ],
    [
      "data after the other end's FIN begins none",
      '+1 s F. 101 ack 11\n +0.1 c P. 11:31 ack 102',
      ['server', 0.01, 100],
      1,
    ],
    [
      'an answer after its FIN begins none',
      '+1 c P. 11:31 ack 101\n +2 c F. 31 ack 101\n +1 s P. 101:111 ack 32',
      ['client', 1.01, 20],
      1,
    ],
    [
      'an answer after its RST begins none',
      '+1 c P. 11:31 ack 101\n +2 c R. 31 ack 101\n +0.001 s P. 101:111 ack 31',
      ['client', 1.01, 20],
      1,
    ],
    [
      'a TLS alert begins none',
      '+2 c P. 11:42 ack 101 byte 21\n +0 c F. 42 ack 101',
      ['server', 0.01, 100],
      1,
    ],
    ['nor what is sent again', '+1 c P. 1:11 ack 101\n +2 c F. 11 ack 101', ['server', 0.01, 100], 1],
    [
      'a keep-alive that was taken for a FIN does not end it',
      '+1 c P. 11:31 ack 101\n +1 s . 100 ack 31\n +0.1 s P. 101:111 ack 31',
      ['server', 1.1, 10],
      2,
    ],
    [
      'is not known where data was acknowledged that was not captured',
      '+1 c P. 11:31 ack 101\n +1 c . 31 ack 151\n +2 c F. 31 ack 151',
      [null, null, null],
      1,
    ],
  ])('%s', (_, script, lastData, exchanges) => {
    const flow = runOne(ends(`${OPEN}\n${script}`));
    expect([flow.lastData, flow.exchanges]).toEqual([lastData, exchanges]);
  });

  it('follows nothing where the other end had sent no data', () => {
    const script =
      '+0 c S 0\n +0.01 s S. 0 ack 1\n +0.01 c . 1 ack 1\n +2 s P. 1:31 ack 1\n +1 c F. 1 ack 31';
    const { lastData, exchanges } = runOne(ends(script));
    expect([lastData, exchanges]).toEqual([['server', null, 30], 0]);
  });

  it('is not known where nothing of the other end was captured', () => {
    const script = '+0 c . 1 ack 1\n +0.01 c P. 1:11 ack 1\n +0.1 c . 11 ack 101\n +2 c F. 11 ack 101';
    const { lastData, exchanges } = runOne(ends(script));
    expect([lastData, exchanges]).toEqual([[null, null, null], null]);
  });

  it("is nobody's where no data was sent", () => {
    const script = '+0 c S 0\n +0.01 s S. 0 ack 1\n +0.01 c . 1 ack 1\n +2 s F. 1 ack 1';
    const { lastData, exchanges } = runOne(ends(script));
    expect([lastData, exchanges]).toEqual([[null, null, null], 0]);
  });
});

describe.each(SIDES)('data that meets a FIN, with %s as the client', (_, ends) => {
  const late = (script: string) => {
    const { lateData, segments } = runOne(ends(`${OPEN}\n${script}`));
    return [
      lateData,
      ...segments
        .filter(({ meaning }) => meaning.includes('FIN'))
        .map(({ frame, meaning }) => `#${frame} ${meaning}`),
    ];
  };

  it.each<[string, string, number | null, string[]]>([
    [
      'captured before, and not acknowledged by it',
      '+2 c P. 11:21 ack 101\n +0.001 s F. 101 ack 11\n +0 s R 101',
      -0.001,
      ['#7 data crossing FIN', '#8 FIN'],
    ],
    [
      'captured after it, sent before it arrived',
      '+2 s F. 101 ack 11\n +0.001 c P. 11:21 ack 101\n +0 s R 101',
      0.001,
      ['#7 FIN', '#8 data crossing FIN'],
    ],
    [
      'sent after it had arrived',
      '+2 s F. 101 ack 11\n +0.01 c . 11 ack 102\n +3 c P. 11:21 ack 102\n +0 s R 102',
      3.01,
      ['#7 FIN', '#8 ACK of FIN', '#9 data after FIN'],
    ],
    [
      'the first of much',
      '+2 c P. 11:21 ack 101\n +0.001 s F. 101 ack 11\n +0 c P. 21:31 ack 101\n +0 c P. 31:41 ack 102',
      -0.001,
      ['#7 data crossing FIN', '#8 FIN', '#10 ACK of FIN'],
    ],
    [
      'behind another segment of the trail',
      '+5 c P. 11:21 ack 101\n +5 s . 101 ack 11\n +0 s F. 101 ack 11',
      -5,
      ['#7 data crossing FIN', '#9 FIN'],
    ],
    ['none: a FIN without ACK', '+2 c P. 11:21 ack 101\n +0 s F 101', null, ['#8 FIN']],
    [
      'none: all is acknowledged',
      '+2 s F. 101 ack 11\n +0.01 c F. 11 ack 102\n +0 s . 102 ack 12',
      null,
      ['#7 FIN', '#8 FIN, ACK of FIN', '#9 ACK of FIN'],
    ],
    ['none: sent again', '+2 s F. 101 ack 11\n +0.01 c P. 1:11 ack 101', null, ['#7 FIN']],
    ['none: of the end that has closed', '+2 s F. 101 ack 11\n +0 s P. 91:101 ack 11', null, ['#7 FIN']],
  ])('%s', (_, script, time, segments) => {
    expect(late(script)).toEqual([time, ...segments]);
  });

  it('none after a FIN that was taken back', () => {
    expect(
      late(
        '+2 s F. 101 ack 11\n +0.01 c P. 11:21 ack 101\n +0.1 s P. 102:112 ack 21\n +0.01 c . 21 ack 112',
      )[0],
    ).toBe(null);
  });

  it('none beside the FIN that comes after one that was taken back', () => {
    expect(
      late(
        '+2 s F. 101 ack 11\n +0.01 c P. 11:21 ack 101\n +0.1 s P. 102:112 ack 21\n +0.01 c . 21 ack 112\n +1 s F. 112 ack 21',
      )[0],
    ).toBe(null);
  });

  it('also where the capture begins with the FIN', () => {
    expect(runOne(ends('+0 s F. 101 ack 11\n +0.001 c P. 11:21 ack 101')).lateData).toBe(0.001);
  });

  it('also in a flow that is not the first in the table', () => {
    const [, flow] = run(
      ends(`${OPEN}\n+1 c R. 11 ack 101\nreopen${OPEN}\n+2 s F. 101 ack 11\n +0.001 c P. 11:21 ack 101`),
    );
    expect(flow?.lateData).toBe(0.001);
  });
});

describe('whether it is a TLS alert', () => {
  const isAlert = (data: string) =>
    runOne(`${OPEN}\n +2 c P. 11:21 ack 101 ${data}\n +0 s F. 101 ack 11\n +0 s R 101`).lateDataIsAlert;

  it.each([
    ['an alert', 'byte 21', true],
    ['other TLS', 'byte 23', false],
    ['a first byte of 0', 'byte 0', false],
    ['not captured', '', null],
  ])('%s', (_, data, expected) => {
    expect(isAlert(data)).toBe(expected);
  });

  it('is one of TLS 1.3, where it has its length', () => {
    const encrypted = (end: number) =>
      runOne(`${OPEN}\n +2 c P. 11:${end} ack 101 byte 23\n +0 s F. 101 ack 11\n +0 s R 101`).lateDataIsAlert;
    expect([encrypted(35), encrypted(36)]).toEqual([true, false]);
  });
});
