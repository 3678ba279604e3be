import { describe, expect, it } from 'vitest';
import { CLOSED, ESTABLISHED, SIDES } from '../fixtures.ts';
import { shown } from '../result.ts';
import { ENDS, parse, run, runOne, swapEnds } from '../script.ts';

// A state that has to repeat its segment, and falls silent: its socket is gone, if its host was seen since.

/** `watch` is a segment of the client's host on another connection. */
const SEEN = 'watch';

/** Another connection of both hosts. */
const OTHER = { client: { ...ENDS.client, port: 50_000 }, server: ENDS.server };

const last = (script: string, end: 'client' | 'server') => shown(runOne(script).stateTimes[end]).at(-1);

describe('case 39: an end that no longer repeats its segment has given up', () => {
  it.each([
    [
      'SYN_SENT: when the repeat after the last interval, twice as long, was due',
      `+0 c S 0
       +1 c S 0
       +2 c S 0
       ${SEEN} +8.1`,
      'client',
      'CLOSED 7 gave-up',
    ],
    [
      'SYN_SENT: after one SYN, when a second had passed',
      `+0 c S 0
       ${SEEN} +2.1`,
      'client',
      'CLOSED 1 gave-up',
    ],
    [
      'FIN_WAIT_1, which nobody acknowledges',
      `${ESTABLISHED}
       +1   c F. 1 ack 1
       +0.2 c F. 1 ack 1
       +0.4 c F. 1 ack 1
       ${SEEN} +3`,
      'client',
      'CLOSED 2.62 gave-up',
    ],
    [
      'LAST_ACK',
      `${ESTABLISHED}
       +1   s F. 1 ack 1
       +0.1 c F. 1 ack 2
       +0.2 c F. 1 ack 2
       +2   c F. 1 ack 2
       ${SEEN} +9`,
      'client',
      'CLOSED 7.32 gave-up',
    ],
  ] as const)('%s', (_, script, end, expected) => {
    expect(last(script, end)).toBe(expected);
  });

  it('however long: the back-off grows to two minutes at most', () => {
    const script = `${ESTABLISHED}\n+1 c F. 1 ack 1\n+100 c F. 1 ack 1`;
    expect(last(`${script}\n${SEEN} +239`, 'client')).toMatch(/^FIN_WAIT_1 /);
    expect(last(`${script}\n${SEEN} +241`, 'client')).toBe('CLOSED 221.02 gave-up');
  });

  it.each([
    ['SYN_RECEIVED', '+0 c S 0\n+0.1 s S. 0 ack 1\n+1 s S. 0 ack 1', 'CLOSED 3.1 gave-up'],
    [
      'a server that closed',
      swapEnds('+0 c P. 1:11 ack 1\n+0 s P. 1:11 ack 11\n+1 c F. 11 ack 11\n+1 c F. 11 ack 11'),
      'CLOSED 4 gave-up',
    ],
  ])('%s, whose host was seen on another connection', (_, script, expected) => {
    const flows = run([...parse(script), ...parse('+9 s P. 1:11 ack 1', OTHER)]);
    const flow = flows.find(({ ports }) => ports.client === ENDS.client.port)!;
    expect(shown(flow.stateTimes.server).at(-1)).toBe(expected);
  });
});

describe.each(SIDES)(
  'case 39: a FIN of %s that is never repeated was acknowledged, though nothing shows it',
  (first, ends) => {
    const lastOf = (script: string, until: number) => {
      const seen = parse(`+${until} c P. 1:11 ack 1\n+0 s P. 1:11 ack 11`, OTHER);
      const flows = run([...parse(`${ESTABLISHED}\n${ends(script)}`), ...seen]);
      const { client, server } = flows.find(({ ports }) => ports.client === ENDS.client.port)!.stateTimes;
      const states = [shown(client).at(-1), shown(server).at(-1)];
      return first === 'the client' ? states : states.reverse();
    };

    it('both ends are unknown once a repeat is overdue', () => {
      expect(lastOf('+1 c F. 1 ack 1', 4)).toEqual(['UNKNOWN 2.02 hole', 'UNKNOWN 2.02 hole']);
    });

    it('not before', () => {
      expect(lastOf('+1 c F. 1 ack 1', 3)[0]).toBe('FIN_WAIT_1 1.02 #4 sent');
    });

    it('in LAST_ACK it is gone, and its peer is no longer in FIN_WAIT_2', () => {
      const script = '+1 s F. 1 ack 1\n+0 c . 1 ack 2\n+1 c F. 1 ack 2';
      expect(lastOf(script, 6)).toEqual(['CLOSED 3.02 hole', 'UNKNOWN 3.02 hole']);
    });

    it('not before it was in LAST_ACK, where the clock jumped back', () => {
      const script = '+5 s F. 1 ack 1\n+0 c . 1 ack 2\n-4.9 c F. 1 ack 2';
      const end = lastOf(script, 6)[0]!;
      expect(end).toMatch(/^CLOSED .* hole$/);
      expect(Number(end.split(' ')[1])).toBeGreaterThanOrEqual(5.02);
    });

    it('also where both FINs crossed', () => {
      const both = ['UNKNOWN 2.02 hole', 'UNKNOWN 2.02 hole'];
      expect(lastOf('+1 s F. 1 ack 1\n+0 c F. 1 ack 1', 4)).toEqual(both);
    });
  },
);

describe('an end is not said to have given up', () => {
  it.each([
    [
      'before the repeat is overdue by as much again',
      `+0 c S 0\n+1 c S 0\n+2 c S 0\n${SEEN} +7.9`,
      'client',
      'SYN_SENT',
    ],
    [
      'in FIN_WAIT_2, which waits without a word',
      `${ESTABLISHED}\n+1 c F. 1 ack 1\n+0 s . 1 ack 2\n${SEEN} +99`,
      'client',
      'FIN_WAIT_2',
    ],
    ['in CLOSE_WAIT', `${ESTABLISHED}\n+1 c F. 1 ack 1\n+0 s . 1 ack 2\n${SEEN} +99`, 'server', 'CLOSE_WAIT'],
    ['in TIME_WAIT', `${CLOSED}\n${SEEN} +9`, 'client', 'TIME_WAIT'],
    [
      'where only its own direction was captured',
      `+0 c S 0\n+0 c . 1 ack 1\n+1 c F. 1 ack 1\n${SEEN} +99`,
      'client',
      'FIN_WAIT_1',
    ],
  ] as const)('%s', (_, script, end, state) => {
    expect(last(script, end)).toMatch(new RegExp(`^${state} `));
  });

  it('if nothing of its host was captured since', () => {
    const other = {
      client: { ...ENDS.client, address: [0, 0, 0xffff, 0x0a000009] as const },
      server: ENDS.server,
    };
    const flows = run([...parse('+0 c S 0'), ...parse('+0 c P. 1:11 ack 1\n+99 c P. 11:21 ack 1', other)]);
    const flow = flows.find(({ client }) => client.startsWith('SYN_SENT'));
    expect(flow?.client).toBe('SYN_SENT');
  });
});
