import { describe, expect, it } from 'vitest';
import { ProfileError, timeWaitRule } from '../../../src/flow/judge/profile.ts';
import { run, runOne } from '../script.ts';

// The stack of an endpoint by the fingerprint of its SYN (option layout and TTL), and the TIME_WAIT to expect.

const LINUX = 'ttl 63 opts mss,sok,ts,nop,ws';
const MACOS = 'ttl 64 opts mss,nop,ws,nop,nop,ts,sok,eol';
const WINDOWS = 'ttl 118 opts mss,nop,ws,nop,nop,sok';

/** A graceful close by the client. */
const closing = (client: string, server: string): string => `
  +0     c S  0 ${client}
  +0.010 s S. 0 ack 1 ${server}
  +0.010 c .  1 ack 1
  +1     c F. 1 ack 1
  +0.010 s F. 1 ack 2
  +0.010 c .  2 ack 2`;

describe('the stack of an endpoint', () => {
  it.each([
    [LINUX, 'linux'],
    ['ttl 51 opts mss,nop,nop,sok,nop,ws', 'linux'],
    [MACOS, 'macos'],
    ['ttl 60 opts mss,nop,ws,sok,ts', 'freebsd'],
    [WINDOWS, 'windows'],
    ['ttl 128 opts mss,nop,ws,sok,ts', 'windows'],
    ['ttl 255 opts mss', null],
    ['ttl 128 opts mss,sok,ts,nop,ws', null],
  ])('%s is %s', (syn, stack) => {
    expect(runOne(closing(syn, LINUX)).stacks).toEqual({ client: stack, server: 'linux' });
  });

  it('is not known if no SYN was captured', () => {
    expect(runOne('+0 c . 1 ack 1\n+1 s . 1 ack 1').stacks).toEqual({ client: null, server: null });
  });
});

describe("the TSval of the client's SYN", () => {
  it.each([
    ['ts 4000000000', '', 4_000_000_000],
    ['', 'ts 7', null],
  ])('client %s, server %s: %s', (client, server, tsval) => {
    expect(runOne(closing(client, server)).synTsval).toBe(tsval);
  });

  it('is that of the first one', () => {
    expect(runOne('+0 c S 0 ts 5\n+1 c S 0 ts 1005\n+0.1 s S. 0 ack 1\n+0.1 c . 1 ack 1').synTsval).toBe(5);
  });

  it('is there of one that was first noted on an open flow', () => {
    const script = '+0 c S 0\n+0.1 s S. 0 ack 1\n+0.1 c . 1 ack 1\nreopen\n+1 c S 0 ts 9\n+0.1 s S. 0 ack 1';
    expect(run(script).map(({ synTsval }) => synTsval)).toEqual([null, 9]);
  });

  it('is not known from the SYN-ACK alone', () => {
    expect(runOne('+0 s S. 0 ack 1 ts 9:5\n+0.1 c . 1 ack 1').synTsval).toBeNull();
  });
});

describe('the TIME_WAIT to expect', () => {
  it.each([
    ['auto', MACOS, 30, 'macos', 'syn'],
    ['auto', WINDOWS, 120, 'windows', 'syn'],
    ['auto', LINUX, 60, 'linux', 'syn'],
    ['auto', 'ttl 255 opts mss', 60, 'linux', 'default'],
    ['macos', LINUX, 30, 'macos', 'given'],
    ['RFC', LINUX, 240, 'rfc', 'given'],
    ['15.5', LINUX, 15.5, 'given', 'given'],
    [undefined, MACOS, 60, 'linux', 'default'],
  ])('--time-wait %s for %s: %d s', (given, syn, seconds, profile, profileEvidence) => {
    const flow = runOne(closing(syn, LINUX), { timeWait: timeWaitRule(given) });
    expect(flow.timeWaits.client).toMatchObject({ expected: seconds, profile, profileEvidence });
  });

  it.each(['', 'abc', '-1', '1e3', '86401', '1s'])('%j is refused', (given) => {
    expect(() => timeWaitRule(given)).toThrow(ProfileError);
  });
});

describe('what proves the end of a TIME_WAIT', () => {
  const closed = closing(LINUX, LINUX);

  it('a new ISN of snd_nxt + 65537 by its holder: recycled, so it lasted until then', () => {
    const [first] = run(`${closed}
      reopen isn c 1065539 s 9
      +2 c S 0`);
    expect(first?.timeWaits.client).toMatchObject({ endedBy: 'reopened', evidence: 'isn-65537' });
    expect(first?.timeWaits.client?.atLeast).toBe(first?.timeWaits.client?.atMost);
  });
});
