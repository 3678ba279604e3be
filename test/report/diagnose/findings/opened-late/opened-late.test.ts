import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../record/batches.ts';
import { found, late, lateAck, opened, SECOND, type Series } from '../../family/openings/series.ts';
import { named, numbersOf } from '../../found.ts';

const ONLY = { only: ['opened-late', 'backlog-overflow'] };
/** Ports in turn. */
const ports = (first: number, n: number) => (i: number) => ({ client_port: first + (i % n) });
const fresh = (s: Series, first = 20_000): Series => ({ ...s, columns: ports(first, 10_000) });

const others = opened(fresh({ count: 200, at: 0, every: SECOND / 10 }));
const lossy = opened({
  count: 200,
  at: 0,
  every: SECOND / 10,
  columns: (i) => ({ client_port: 20_000 + i, client_retransmissions: Number(i % 10 === 0) }),
});
const oneByOne = late(fresh({ count: 10, at: SECOND / 20, every: 2 * SECOND }, 50_000));

describe('connections that open late', () => {
  it.each([
    ['spread among others', [others, oneByOne], 'warning opened-late 10.0.0.2:80 10', 'one by one'],
    [
      'one in a hundred',
      [opened(fresh({ count: 900, at: 0, every: SECOND / 45 })), oneByOne],
      'info opened-late 10.0.0.2:80 10',
      'one by one',
    ],
    ['as others lose data', [lossy, oneByOne], 'info opened-late 10.0.0.2:80 10', 'the path loses packets'],
    [
      'several at once among very many',
      [
        opened(fresh({ count: 4000, at: 0, every: SECOND / 200 })),
        late(fresh({ count: 6, at: 4 * SECOND, every: 40_000 }, 50_000)),
      ],
      'info opened-late 10.0.0.2:80 6',
      'one by one',
    ],
    [
      'a handful at one moment',
      [others, late(fresh({ count: 5, at: 4 * SECOND, every: 1000 }, 50_000))],
      'warning backlog-overflow 10.0.0.2:80 5',
      'full queue',
    ],
  ] as const)('%s', (_, flows, name, title) => {
    const findings = found(flows as unknown as Flow[][], ONLY);
    expect(findings.map(named)).toEqual([name]);
    expect(findings[0]?.title).toContain(title);
  });

  it('on ports used before, and none on fresh ones, are distinguished from the rest, however many there are at once', () => {
    const used = late({ count: 20, at: 30 * SECOND, every: 1000, columns: ports(20_000, 20) });
    const [finding, ...more] = found([others, used], ONLY);
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning opened-late 10.0.0.2:80 20');
    expect(finding).toMatchObject({ confidence: 'likely' });
    expect(finding?.cause).toContain('of 200 on fresh ports none was late');
    expect(numbersOf(finding)).toMatchObject({
      late: 20,
      of: 220,
      opened_after_1s: 20,
      late_on_ports_used_before: 20,
      of_ports_used_before: 20,
      late_on_fresh_ports: 0,
      of_fresh_ports: 200,
    });
  });

  it('and pass at the second try while first ones of others do not, are no full queue', () => {
    const all = late(fresh({ count: 25, at: 0, every: SECOND / 5 }, 50_000));
    const [finding, ...more] = found([all], ONLY);
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning opened-late 10.0.0.2:80 25');
    expect(finding!.title).toContain('at the second try');
  });

  it('are counted by the steps of their timeouts', () => {
    const steps = late({
      count: 10,
      at: SECOND / 20,
      every: 2 * SECOND,
      columns: (i) => ({ client_port: 50_000 + i, opened: i < 7 ? 1.02 * SECOND : 3.05 * SECOND }),
    });
    expect(numbersOf(found([others, steps], ONLY)[0])).toMatchObject({
      opened_after_1s: 7,
      opened_after_3s: 3,
      longest_us: 3.05 * SECOND,
    });
  });

  it.each([
    ['four', [others, late(fresh({ count: 4, at: 0, every: 3 * SECOND }, 50_000))]],
    [
      'a long way: nothing was sent again',
      [others, late({ count: 9, at: 0, every: SECOND, columns: () => ({ client_retransmissions: 0 }) })],
    ],
    [
      'an old ACK answered the SYN first: time-wait-refused',
      [others, late({ ...fresh({ count: 9, at: 0, every: SECOND }, 50_000), history: 'SaRhADadFf' })],
    ],
    [
      'the SYN was not captured',
      [others, late({ count: 9, at: 0, every: SECOND, columns: () => ({ role_evidence: 'syn-ack' }) })],
    ],
    [
      'SYN-ACKs that came again, one by one',
      [others, lateAck(fresh({ count: 9, at: 0, every: 2 * SECOND }))],
    ],
  ] as const)('are no finding: %s', (_, flows) => {
    expect(found(flows as unknown as Flow[][], ONLY)).toEqual([]);
  });
});
