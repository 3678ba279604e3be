import { describe, expect, it } from 'vitest';
import { liveLine } from '../../../src/terminal/screen/line.ts';
import type { LiveView } from '../../../src/terminal/screen/view.ts';
import { NOON } from '../../record/batches.ts';
import { atServer, floodAt, leakAt, viewAt } from './views.ts';

const NO_ENDS = {
  SYN_SENT: 0,
  SYN_RECEIVED: 0,
  ESTABLISHED: 0,
  FIN_WAIT_1: 0,
  FIN_WAIT_2: 0,
  CLOSING: 0,
  TIME_WAIT: 0,
  CLOSE_WAIT: 0,
  LAST_ACK: 0,
  UNKNOWN: 0,
};
const NO_CLOSES = { fin: 0, 'fin-unacked': 0, half: 0, reset: 0, 'fin-reset': 0, refused: 0, unanswered: 0 };

const parsed = (view: LiveView, before?: LiveView) =>
  JSON.parse(liveLine(view, before)) as Record<string, Record<string, unknown>>;

it('says what there is, by its documented keys', () => {
  expect(parsed(leakAt(12), leakAt(11))).toEqual({
    at_us: NOON + 12_000_000,
    started_us: NOON,
    packets: 48_000,
    segments: 47_880,
    flows: 3_600,
    open_flows: 1_291,
    client: {
      ...NO_ENDS,
      SYN_SENT: 2,
      ESTABLISHED: 118,
      FIN_WAIT_1: 1,
      FIN_WAIT_2: 41,
      TIME_WAIT: 1_234,
      CLOSE_WAIT: 3,
      LAST_ACK: 2,
    },
    server: {
      ...NO_ENDS,
      SYN_RECEIVED: 1,
      ESTABLISHED: 119,
      FIN_WAIT_2: 3,
      TIME_WAIT: 56,
      CLOSE_WAIT: 41,
      LAST_ACK: 1,
    },
    closes: { ...NO_CLOSES, fin: 120, half: 3, reset: 2 },
    closed_first: { client: 110, server: 12, both: 0 },
    closes_total: { ...NO_CLOSES, fin: 1_440, half: 41, reset: 24 },
    closed_first_total: { client: 1_320, server: 144, both: 1 },
    holders: {
      CLOSE_WAIT: [
        { endpoint: 'server', ip: '10.0.0.7', port: 8080, count: 41, longest_us: 12_000_000 },
        {
          endpoint: 'client',
          ip: '2001:db8:12:34:56:78:9abc:def0',
          port: null,
          count: 3,
          longest_us: 250_000,
        },
      ],
      FIN_WAIT_2: [{ endpoint: 'client', ip: '10.0.0.1', port: null, count: 41, longest_us: 12_000_000 }],
      TIME_WAIT: [
        { endpoint: 'client', ip: '10.0.0.1', port: null, count: 1_222, longest_us: 59_300_000 },
        { endpoint: 'client', ip: '10.0.0.2', port: null, count: 12, longest_us: 59_900_000 },
      ],
    },
    kernel_drops: 0,
    unread: 0,
    gaps: 0,
    memory_bytes: 96_000_000,
  });
});

it('the first line counts closes from the start', () => {
  const { closes, closes_total, closed_first, closed_first_total } = parsed(leakAt(12));
  expect([closes, closed_first]).toEqual([closes_total, closed_first_total]);
});

it('three holders of a state, the largest', () => {
  const holders = [1, 5, 3, 4, 2].map((n) => atServer('CLOSE_WAIT', n, 10, `10.0.0.${n}`));
  const { CLOSE_WAIT } = parsed(viewAt(1, { holders })).holders as { CLOSE_WAIT: { count: number }[] };
  expect(CLOSE_WAIT.map(({ count }) => count)).toEqual([5, 4, 3]);
});

it('what is not known is null', () => {
  expect(parsed(viewAt(1, { kernelDrops: undefined, gaps: undefined }))).toMatchObject({
    kernel_drops: null,
    gaps: null,
  });
});

describe('whatever happens', () => {
  const lines = [viewAt(0), leakAt(12), floodAt(4)].map((view, i, all) => liveLine(view, all[i - 1]));

  it('it is one line', () => {
    for (const line of lines) expect(line).not.toContain('\n');
  });

  it('the keys are the same, in the same order', () => {
    const keys = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(value).map(([key, inner]) => [key, keys(inner)])
        : undefined;
    const [first, ...others] = lines.map((line) => keys(JSON.parse(line)));
    for (const other of others) expect(other).toEqual(first);
  });
});
