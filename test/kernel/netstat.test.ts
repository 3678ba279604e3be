import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StateName } from '../../src/flow/format/words.ts';
import { readPaths, withDatabase } from '../lab/compare/database.ts';
import { askInstant, isEqual, netstatMisses, quietLooks, spread } from '../lab/compare/netstat.ts';
import { countStates, type Poll } from '../lab/truth/sockets.ts';

const look = (from: number, to: number, states: [string, StateName][] = []): Poll => ({
  from,
  to,
  states: new Map(states),
});

it('counts the sockets of a look by address and state', () => {
  const counts = countStates(
    look(0, 1, [
      ['10.9.2.2 8080 10.9.1.2 40001', 'CLOSE_WAIT'],
      ['10.9.2.2 8080 10.9.1.2 40002', 'CLOSE_WAIT'],
      ['10.9.2.2 8080 10.9.1.2 40003', 'TIME_WAIT'],
      ['fd00:9:2::2 8080 fd00:9:1::2 40004', 'TIME_WAIT'],
    ]),
  );
  expect(counts.get('10.9.2.2')).toEqual(
    new Map([
      ['CLOSE_WAIT', 2],
      ['TIME_WAIT', 1],
    ]),
  );
  expect(counts.get('fd00:9:2::2')).toEqual(new Map([['TIME_WAIT', 1]]));
});

describe('a look counts as quiet', () => {
  const within = { from: 0, to: 1e6 };
  const quiet = (poll: Poll, ...changes: number[]) =>
    quietLooks({ changes_us: changes, polls: { client: [poll], server: [] } }, 'client', within).length === 1;

  it.each([
    ['with no change at all', [], true],
    ['with changes long before and after', [90_000, 120_000], true],
    ['with a change during it', [105_000], false],
    ['with a change 4 ms before', [96_000], false],
    ['with a change 4 ms after', [114_000], false],
  ])('%s: %j', (_, changes, expected) => {
    expect(quiet(look(100_000, 110_000), ...changes)).toBe(expected);
  });

  it('only within the capture', () => {
    expect(quiet(look(-10, 5))).toBe(false);
    expect(quiet(look(999_999, 1_000_001))).toBe(false);
  });
});

it('spreads what is asked over the whole run', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([0, 2, 4, 6]);
  expect(spread([1, 2], 4)).toEqual([1, 2]);
});

describe('asking the program about the server of captures/close-wait-leak.pcap', () => {
  const capture = join(import.meta.dirname, '..', '..', 'captures', 'close-wait-leak.pcap');
  // Two clients have closed by then, and the third is still open.
  const at = 1_795_258_372_500_000;
  const ask = (...states: StateName[]) =>
    withDatabase([capture], (db) =>
      askInstant(db.name, readPaths(db), {
        side: 'server',
        ip: '10.9.2.2',
        look: look(
          at,
          at,
          states.map((state, i) => [`10.9.2.2 8080 10.9.1.2 ${40_001 + i}`, state]),
        ),
      }),
    );

  it('agrees with a kernel that says the same', async () => {
    const instant = await ask('CLOSE_WAIT', 'CLOSE_WAIT', 'ESTABLISHED');
    expect(isEqual(instant)).toBe(true);
    expect(instant.ours).toEqual(['CLOSE_WAIT 2', 'ESTABLISHED 1']);
  });

  it('names the socket that differs', async () => {
    const [miss] = netstatMisses([await ask('CLOSE_WAIT', 'FIN_WAIT_2', 'ESTABLISHED')]);
    expect(miss).toContain('kernel CLOSE_WAIT 1, ESTABLISHED 1, FIN_WAIT2 1');
    expect(miss).toContain('10.9.2.2 8080 10.9.1.2 40002: kernel FIN_WAIT_2, ours CLOSE_WAIT');
  });

  it('sees other sockets behind the same counts', async () => {
    expect(isEqual(await ask('ESTABLISHED', 'CLOSE_WAIT', 'CLOSE_WAIT'))).toBe(false);
  });
});
