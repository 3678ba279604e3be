import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { code } from '../../../src/flow/format/word-table.ts';
import { STATES, type StateName } from '../../../src/flow/format/words.ts';
import { TIMEOUT, transition, UNKNOWN } from '../../../src/flow/judge/machine.ts';
import { ROOT } from '../../terminal/finwait.ts';

type State = StateName | 'UNKNOWN';

/** The events, in the order of their codes. */
const EVENTS = [
  'snd SYN',
  'rcv SYN',
  'rcv ACK of SYN',
  'snd FIN',
  'rcv ACK of FIN',
  'rcv FIN',
  'snd RST',
  'rcv RST',
  'timeout',
] as const;
type Event = (typeof EVENTS)[number];

const codeOf = (state: State) => (state === 'UNKNOWN' ? UNKNOWN : code(STATES, state));
const nameOf = (code: number): State => (code === UNKNOWN ? 'UNKNOWN' : STATES[code]!);
const next = (state: State, event: Event) => nameOf(transition(codeOf(state), EVENTS.indexOf(event)));

/** RFC 9293 figure 5 and 3.10, edge by edge; whatever is not here must change nothing. */
const EDGES: readonly [from: State, event: Event, to: State][] = [
  // Opening (figure 5; simultaneous open: 3.5, figure 7).
  ['SYN_SENT', 'rcv ACK of SYN', 'ESTABLISHED'],
  ['SYN_SENT', 'rcv SYN', 'SYN_RECEIVED'],
  ['SYN_RECEIVED', 'rcv ACK of SYN', 'ESTABLISHED'],
  ['SYN_RECEIVED', 'snd FIN', 'FIN_WAIT_1'],
  ['SYN_RECEIVED', 'rcv FIN', 'CLOSE_WAIT'],
  // Close (figure 5).
  ['ESTABLISHED', 'snd FIN', 'FIN_WAIT_1'],
  ['ESTABLISHED', 'rcv FIN', 'CLOSE_WAIT'],
  ['FIN_WAIT_1', 'rcv ACK of FIN', 'FIN_WAIT_2'],
  ['FIN_WAIT_1', 'rcv FIN', 'CLOSING'],
  ['FIN_WAIT_2', 'rcv FIN', 'TIME_WAIT'],
  ['CLOSING', 'rcv ACK of FIN', 'TIME_WAIT'],
  ['CLOSE_WAIT', 'snd FIN', 'LAST_ACK'],
  ['LAST_ACK', 'rcv ACK of FIN', 'CLOSED'],
  ['TIME_WAIT', 'timeout', 'CLOSED'],
  // A FIN on a SYN, as with TCP Fast Open: sent before the handshake is complete (RFC 7413 4.2).
  ['SYN_SENT', 'snd FIN', 'FIN_WAIT_1'],
  // User timeout and the systems' own timers (3.8.3; an orphan in FIN_WAIT_2).
  ['SYN_SENT', 'timeout', 'CLOSED'],
  ['SYN_RECEIVED', 'timeout', 'CLOSED'],
  ['FIN_WAIT_1', 'timeout', 'CLOSED'],
  ['FIN_WAIT_2', 'timeout', 'CLOSED'],
  ['CLOSING', 'timeout', 'CLOSED'],
  ['LAST_ACK', 'timeout', 'CLOSED'],
  // What first shows an endpoint shows its state.
  ['UNKNOWN', 'snd SYN', 'SYN_SENT'],
  ['UNKNOWN', 'rcv SYN', 'SYN_RECEIVED'],
  ['UNKNOWN', 'rcv ACK of SYN', 'ESTABLISHED'],
  ['UNKNOWN', 'snd FIN', 'FIN_WAIT_1'],
  ['UNKNOWN', 'rcv FIN', 'CLOSE_WAIT'],
  ['UNKNOWN', 'snd RST', 'CLOSED'],
  ['UNKNOWN', 'rcv RST', 'CLOSED'],
];

describe('figure 5', () => {
  it.each(EDGES)('%s, %s: %s', (from, event, to) => {
    expect(next(from, event)).toBe(to);
  });

  it.each(STATES)('%s, RST sent or received: CLOSED', (state) => {
    expect(next(state, 'snd RST')).toBe('CLOSED');
    expect(next(state, 'rcv RST')).toBe('CLOSED');
  });

  const others = [...STATES, 'UNKNOWN' as const].flatMap((state) =>
    EVENTS.filter((event) => !event.endsWith('RST'))
      .filter((event) => !EDGES.some(([from, on]) => from === state && on === event))
      .map((event): [State, Event] => [state, event]),
  );
  it.each(others)('%s, %s: changes nothing', (state, event) => {
    expect(next(state, event)).toBe(state);
  });

  it('has a reason for each arrow with a letter, and no other reasons', () => {
    const source = readFileSync(join(ROOT, 'src/flow/judge/machine.ts'), 'utf8');
    const letters = [...source.matchAll(/\| [A-Z_12]+ ([a-z])/g)].map(([, letter]) => letter);
    const reasons = [...source.matchAll(/^\/\/ ([a-z]) {2}/gm)].map(([, letter]) => letter);
    expect(letters.length).toBeGreaterThan(0);
    expect([...new Set(letters)].sort()).toEqual(reasons);
  });

  it('has the timeout after the facts', () => {
    expect(TIMEOUT).toBe(EVENTS.indexOf('timeout'));
  });
});

describe('in the order of figure 5 no endpoint goes back', () => {
  it('every edge leads to a state later in STATES', () => {
    for (const from of STATES.filter((state) => state !== 'UNKNOWN')) {
      for (const event of EVENTS) expect(codeOf(next(from, event))).toBeGreaterThanOrEqual(codeOf(from));
    }
  });
});

describe('one segment can be several events: an ACK goes before a FIN (3.10.7.4)', () => {
  const through = (from: State, ...events: Event[]) => events.reduce<State>(next, from);

  it('a FIN that acknowledges ours leads from FIN_WAIT_1 to TIME_WAIT', () => {
    expect(through('FIN_WAIT_1', 'rcv ACK of FIN', 'rcv FIN')).toBe('TIME_WAIT');
  });

  it('a FIN that does not leads to CLOSING, and its late ACK to TIME_WAIT', () => {
    expect(through('FIN_WAIT_1', 'rcv FIN')).toBe('CLOSING');
    expect(through('FIN_WAIT_1', 'rcv FIN', 'rcv ACK of FIN')).toBe('TIME_WAIT');
  });
});
