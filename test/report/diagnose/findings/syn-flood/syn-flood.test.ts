import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../record/batches.ts';
import { late, opened, SECOND, unanswered } from '../../family/openings/series.ts';
import { found, named, numbersOf } from '../../found.ts';

interface Half {
  count?: number;
  every?: number;
  from?: (i: number) => string;
  columns?: Record<string, number | string>;
  history?: string;
}

/** Handshakes that stop after the SYN-ACK. */
function half({
  count = 300,
  every = 1000,
  from = (i) => `198.18.${i >> 8}.${i & 255}`,
  columns,
  history = 'Sh',
}: Half): Flow[] {
  return opened({
    count,
    at: SECOND,
    every,
    history,
    columns: () => ({
      close_kind: 'open',
      opened: Number.NaN,
      client_segments: 1,
      server_segments: 1,
      ...columns,
    }),
  }).map((flow, i) => ({ ...flow, client: from(i) }));
}

const users = opened({ count: 20, at: 0, every: SECOND / 10 });
const find = (flows: readonly (readonly Flow[])[]) => found('syn-flood', flows.flat());

describe('syn-flood', () => {
  it('is found where most handshakes stop after the SYN-ACK', () => {
    const [finding, ...more] = find([users, half({})]);
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning syn-flood 10.0.0.2:80 300');
    expect(finding).toMatchObject({ confidence: 'likely' });
    expect(numbersOf(finding)).toMatchObject({
      never_completed: 300,
      of: 320,
      addresses: 300,
      SYNs_without_SYN_ACK: 0,
      others_opened_late: 0,
      others_unanswered: 0,
    });
  });

  it('says what became of others meanwhile', () => {
    const flows = [
      half({ every: 30_000 }),
      opened({ count: 5, at: 2 * SECOND, every: SECOND }),
      late({ count: 3, at: 2 * SECOND, every: SECOND }),
      unanswered({ count: 2, at: 2 * SECOND, every: SECOND }),
    ];
    expect(find(flows)[0]?.cause).toContain('5 opened at once, 3 late, and 2 got no answer');
  });

  it('of one address is possible only', () => {
    expect(find([users, half({ from: () => '198.18.0.1' })])[0]).toMatchObject({ confidence: 'possible' });
  });

  it('counts SYNs that the server had no room for, which are then nothing else', () => {
    const dropped = half({
      count: 200,
      history: 'S',
      from: (i) => `198.19.0.${i}`,
      columns: { close_kind: 'unanswered', server_segments: 0 },
    });
    const found_ = find([users, half({}), dropped]);
    expect(numbersOf(found_[0])).toMatchObject({ never_completed: 500, SYNs_without_SYN_ACK: 200 });
    for (const code of ['syn-unanswered', 'backlog-overflow'])
      expect(found(code, [users, half({}), dropped].flat())).toEqual([]);
  });

  it.each([
    ['ninety-nine', [users, half({ count: 99 })]],
    ['fewer than others that are complete', [opened({ count: 400, at: 0, every: 1000 }), half({})]],
    ['a few an hour', [users, half({ every: 30 * SECOND })]],
    ['the capture ended at once', [users, half({ columns: { observed: SECOND / 2 } })]],
    ['addresses that complete others', [users, half({ from: () => '10.0.0.1' })]],
    [
      'no ACK of anybody was captured',
      [opened({ count: 20, at: 0, every: 1, history: 'ShFf' }), half({ from: (i) => `10.1.0.${i % 9}` })],
    ],
    [
      'SYNs and SYN-ACKs are all that was captured, of many clients, each once',
      [opened({ count: 20, at: 0, every: 1, history: 'Sh' }), half({})],
    ],
    ['SYNs that are sent again', [users, half({ columns: { client_segments: 2 } })]],
    ['SYN-ACKs answered by RST', [users, half({ history: 'ShR', columns: { client_segments: 2 } })]],
    [
      'ACKs that are ignored, or wait for data',
      [users, half({ history: 'ShA', columns: { client_segments: 2, server_retransmissions: 1 } })],
    ],
  ] as const)('is not found: %s', (_, flows) => {
    expect(find(flows)).toEqual([]);
  });
});
