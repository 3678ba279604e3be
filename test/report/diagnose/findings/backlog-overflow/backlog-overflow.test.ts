import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../record/batches.ts';
import { found, late, lateAck, mute, opened, SECOND, unanswered } from '../../family/openings/series.ts';
import { named } from '../../found.ts';

describe('a service that opens some connections and others late or not at all', () => {
  const others = opened({ count: 20, at: 0, every: SECOND / 2 });

  it.each([
    ['SYNs that had to be sent again', late({ count: 6, at: 4 * SECOND, every: 1000 }), 'possible'],
    ['SYN-ACKs that had to be sent again', lateAck({ count: 6, at: 4 * SECOND, every: 1000 }), 'likely'],
    [
      'SYNs that were never answered',
      unanswered({ count: 6, at: 4 * SECOND, every: SECOND / 3 }),
      'possible',
    ],
    [
      'first requests sent again and again',
      opened({
        count: 6,
        at: 4 * SECOND,
        every: 1000,
        columns: () => ({ client_retransmissions: 3 }),
        history: 'ShADTadFf',
      }),
      'likely',
    ],
    [
      'last ACKs answered by RST (tcp_abort_on_overflow)',
      opened({
        count: 6,
        at: 4 * SECOND,
        every: 1000,
        columns: () => ({
          close_kind: 'reset',
          close_started: 400_000,
          reset_by: 'server',
          reset_kind: 'late-segment',
          reset_evidence: 'no-socket',
          server_segments: 3,
          server_rsts: 2,
        }),
        history: 'ShADr',
      }),
      'likely',
    ],
  ] as const)('is overrun: %s', (_, slow, confidence) => {
    const findings = found([others, [...slow]]);
    expect(findings.map(named)).toEqual(['warning backlog-overflow 10.0.0.2:80 6']);
    expect(findings[0]?.confidence).toBe(confidence);
  });

  it('defers accept, if only clients that send nothing get their SYN-ACK again', () => {
    const [finding, ...more] = found([others, mute({ count: 12, at: 4 * SECOND, every: 1000 })]);
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('info backlog-overflow 10.0.0.2:80 12');
    expect(finding!.title).toContain('deferred accept');
  });

  it.each([
    ['SYNs are dropped as well', others, late({ count: 6, at: 4 * SECOND, every: 1000 })],
    ['servers speak first', opened({ count: 20, at: 0, every: SECOND / 2, history: 'ShAdDaFf' }), []],
  ] as const)('is overrun, though clients are mute, if %s', (_, opened, more) => {
    const some = mute({ count: 6, at: 4 * SECOND, every: 1000 });
    const titles = found([[...opened], some, [...more]]).map(({ title }) => title);
    expect(titles).toEqual(['full queue of a listener: connections open late or not at all']);
  });

  it('is on a path that loses packets, if the others lose some as well', () => {
    const lossy = opened({
      count: 20,
      at: 0,
      every: SECOND / 2,
      columns: (i) => ({ server_retransmissions: i % 2 }),
    });
    const [finding, ...more] = found([lossy, late({ count: 6, at: 4 * SECOND, every: 1000 })]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'info', confidence: 'possible' });
  });

  it.each([
    ['four', [others, late({ count: 4, at: 4 * SECOND, every: 1000 })]],
    [
      'many, but one at a time: that is opened-late',
      [opened({ count: 500, at: 0, every: SECOND / 5 }), late({ count: 20, at: 0, every: 5 * SECOND })],
    ],
    [
      'five at once among hundreds at that time',
      [opened({ count: 800, at: 0, every: SECOND / 100 }), late({ count: 5, at: 4 * SECOND, every: 1000 })],
    ],
    [
      'slow handshakes in which nothing was sent again: a long way',
      [
        others,
        late({ count: 6, at: 4 * SECOND, every: 1000, columns: () => ({ client_retransmissions: 0 }) }),
      ],
    ],
    [
      'SYNs sent again at once, as after an old ACK out of TIME_WAIT',
      [others, late({ count: 6, at: 4 * SECOND, every: 1000, columns: () => ({ opened: 10_000 }) })],
    ],
    [
      'a first request sent again once, as any may be lost',
      [
        others,
        opened({
          count: 6,
          at: 4 * SECOND,
          every: 1000,
          columns: () => ({ client_retransmissions: 1 }),
          history: 'ShADTadFf',
        }),
      ],
    ],
  ] as const)('is in order: %s', (_, flows) => {
    expect(found(flows as unknown as Flow[][])).toEqual([]);
  });

  it('sorts SYNs by their timestamps: that is tw-recycle-nat', () => {
    const newer = opened({
      count: 20,
      at: 0,
      every: SECOND / 2,
      columns: (i) => ({ client_syn_tsval: 9_000_000 + 500 * i }),
    });
    const older = unanswered({
      count: 6,
      at: 4 * SECOND,
      every: SECOND / 3,
      columns: (i) => ({ client_syn_tsval: 1_000_000 + 333 * i }),
    });
    expect(found([newer, older]).map(named)).toEqual(['critical tw-recycle-nat 10.0.0.1 -> 10.0.0.2:80 6']);
  });
});
