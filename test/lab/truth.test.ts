import { describe, expect, it } from 'vitest';
import type { StateName } from '../../src/flow/format/words.ts';
import type { Poll } from './truth/sockets.ts';
import { type SocketEvent, tuple } from './truth/trace.ts';
import { truthOf } from './truth/truth.ts';

const CLIENT = { local: { ip: '10.9.1.2', port: 40001 }, remote: { ip: '10.9.2.2', port: 8080 } };
const SERVER = { local: CLIENT.remote, remote: CLIENT.local };

type State = SocketEvent['to'];

/** Transitions at 100, 200, 300 ... from one state to the next. */
const walk = (who: typeof CLIENT, from: number, ...states: State[]): SocketEvent[] =>
  states.slice(1).map((to, i) => ({ ...who, at: from + i * 100, from: states[i] ?? to, to }));

/** Looks that last 2 each; `null` is a look that does not show the socket. */
const looks = (who: typeof CLIENT, ...seen: [number, StateName | null][]): Poll[] =>
  seen.map(([from, state]) => ({
    from,
    to: from + 2,
    states: new Map(state === null ? [] : [[tuple(who), state]]),
  }));

const lives = (events: SocketEvent[], client: Poll[] = [], server: Poll[] = []) =>
  truthOf({
    events,
    polls: { client, server },
    sideOf: (ip) => ({ '10.9.1.2': 'client' as const, '10.9.2.2': 'server' as const })[ip],
  });

const active = walk(CLIENT, 100, 'CLOSED', 'SYN_SENT', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSED');
const opened = [
  { state: 'SYN_SENT', at_us: 100 },
  { state: 'ESTABLISHED', at_us: 200 },
  { state: 'FIN_WAIT_1', at_us: 300 },
  { state: 'FIN_WAIT_2', at_us: 400 },
];

describe('a socket that the trace calls closed in FIN_WAIT_2', () => {
  it('is closed by the first look at the socket table if none shows it', () => {
    const [life] = lives(active, looks(CLIENT, [510, null], [610, null]));
    expect(life?.path).toEqual([...opened, { state: 'CLOSED', after_us: 500, by_us: 512 }]);
    expect(life?.time_wait).toBeUndefined();
  });

  it('went to TIME_WAIT between closing and the first look that shows it', () => {
    const [life] = lives(active, looks(CLIENT, [510, 'TIME_WAIT'], [610, 'TIME_WAIT']));
    expect(life?.path).toEqual([...opened, { state: 'TIME_WAIT', after_us: 500, by_us: 512 }]);
    expect(life?.time_wait).toEqual({ first_seen_us: 512, last_seen_us: 610, alive_at_end: true });
  });

  it('stays in FIN_WAIT_2 as long as the table says so', () => {
    const [life] = lives(active, looks(CLIENT, [510, 'FIN_WAIT_2'], [610, 'FIN_WAIT_2'], [710, 'TIME_WAIT']));
    expect(life?.path).toEqual([...opened, { state: 'TIME_WAIT', after_us: 610, by_us: 712 }]);
  });

  it('ends in FIN_WAIT_2 if the last look shows that', () => {
    expect(lives(active, looks(CLIENT, [510, 'FIN_WAIT_2']))[0]?.path).toEqual(opened);
  });

  it('is not taken for the socket that comes after it', () => {
    const [life] = lives(active, looks(CLIENT, [510, 'SYN_SENT']));
    expect(life?.path).toEqual([...opened, { state: 'CLOSED', after_us: 500, by_us: 512 }]);
  });

  it('is gone between the last look that shows it and the next', () => {
    const polls = looks(CLIENT, [510, 'TIME_WAIT'], [610, 'TIME_WAIT'], [710, null]);
    const [life] = lives(active, polls);
    expect(life?.path.at(-1)).toEqual({ state: 'CLOSED', after_us: 610, by_us: 712 });
    expect(life?.time_wait?.alive_at_end).toBe(false);
  });

  it('is not gone because one look missed it', () => {
    const [life] = lives(active, looks(CLIENT, [510, 'TIME_WAIT'], [610, null], [710, 'TIME_WAIT']));
    expect(life?.path.map(({ state }) => state)).not.toContain('CLOSED');
  });

  it('is not judged by looks from before', () => {
    const [life] = lives(active, looks(CLIENT, [450, 'FIN_WAIT_2'], [510, null]));
    expect(life?.path.at(-1)).toEqual({ state: 'CLOSED', after_us: 500, by_us: 512 });
  });

  it('is closed by the time its port is used again if nobody looked in between', () => {
    const again = walk(CLIENT, 550, 'CLOSED', 'SYN_SENT');
    const [life] = lives([...active, ...again], looks(CLIENT, [610, null]));
    expect(life?.path.at(-1)).toEqual({ state: 'CLOSED', after_us: 500, by_us: 550 });
  });
});

it('CLOSING became TIME_WAIT at the very moment it "closed"', () => {
  const events = walk(CLIENT, 100, 'CLOSED', 'SYN_SENT', 'ESTABLISHED', 'FIN_WAIT_1', 'CLOSING', 'CLOSED');
  expect(lives(events, looks(CLIENT, [550, 'TIME_WAIT']))[0]?.path.at(-1)).toEqual({
    state: 'TIME_WAIT',
    at_us: 500,
  });
});

it('a state that is set again is entered once', () => {
  const events = walk(CLIENT, 100, 'CLOSED', 'SYN_SENT', 'ESTABLISHED', 'FIN_WAIT_1', 'CLOSING', 'CLOSING');
  expect(
    lives(events)[0]
      ?.path.map(({ state }) => state)
      .join(' '),
  ).toBe('SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSING');
});

it('a server is in SYN_RECEIVED at the latest when its socket is made', () => {
  const [life] = lives(walk(SERVER, 100, 'LISTEN', 'SYN_RECEIVED', 'ESTABLISHED'));
  expect(life).toMatchObject({ side: 'server', local: SERVER.local });
  expect(life?.path).toEqual([
    { state: 'SYN_RECEIVED', by_us: 100 },
    { state: 'ESTABLISHED', at_us: 200 },
  ]);
});

it('a used-again port is another socket, and the TIME_WAIT before it ends by its birth', () => {
  const again = walk(CLIENT, 900, 'CLOSED', 'SYN_SENT', 'ESTABLISHED');
  const polls = looks(CLIENT, [510, 'TIME_WAIT'], [810, 'TIME_WAIT'], [1010, null]);
  const [first, second] = lives([...active, ...again], polls);
  expect(first?.path.at(-1)).toEqual({ state: 'CLOSED', after_us: 810, by_us: 900 });
  expect(second?.path).toEqual([
    { state: 'SYN_SENT', at_us: 900 },
    { state: 'ESTABLISHED', at_us: 1000 },
  ]);
});

describe('ports that the kernel chooses', () => {
  const portless = { ...CLIENT, local: { ...CLIENT.local, port: 0 } };
  const other = { ...CLIENT, local: { ...CLIENT.local, port: 40002 } };
  const rest = (who: typeof CLIENT, at: number) => walk(who, at, 'SYN_SENT', 'ESTABLISHED', 'FIN_WAIT_1');

  it('are known only after SYN_SENT: the first to leave it was the first born', () => {
    const events = [
      ...walk(portless, 100, 'CLOSED', 'SYN_SENT'),
      ...walk(portless, 110, 'CLOSED', 'SYN_SENT'),
      ...rest(CLIENT, 120),
      ...rest(other, 130),
    ];
    expect(lives(events)).toMatchObject([
      { local: CLIENT.local, path: [{ state: 'SYN_SENT', at_us: 100 }, { at_us: 120 }, { at_us: 220 }] },
      { local: other.local, path: [{ state: 'SYN_SENT', at_us: 110 }, { at_us: 130 }, { at_us: 230 }] },
    ]);
  });

  it('are no connections where there was none left', () => {
    const events = [
      ...walk(portless, 100, 'CLOSED', 'SYN_SENT'),
      ...walk(portless, 105, 'SYN_SENT', 'CLOSED'),
      ...walk(portless, 110, 'CLOSED', 'SYN_SENT'),
      ...rest(CLIENT, 120),
    ];
    expect(lives(events)).toMatchObject([{ path: [{ state: 'SYN_SENT', at_us: 110 }, {}, {}] }]);
  });

  it('may be a used one', () => {
    const events = [
      ...walk(CLIENT, 100, 'CLOSED', 'SYN_SENT', 'CLOSED'),
      ...walk(portless, 400, 'CLOSED', 'SYN_SENT'),
      ...rest(CLIENT, 500),
    ];
    expect(lives(events)).toHaveLength(2);
  });
});

it('leaves out listeners and other hosts', () => {
  const stranger = { local: { ip: '10.8.1.2', port: 1 }, remote: { ip: '10.8.1.3', port: 2 } };
  const events = [
    ...walk(stranger, 100, 'CLOSED', 'SYN_SENT', 'ESTABLISHED'),
    ...walk({ ...SERVER, remote: { ip: '0.0.0.0', port: 0 } }, 100, 'CLOSED', 'LISTEN'),
  ];
  expect(lives(events)).toEqual([]);
});
