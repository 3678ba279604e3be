import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../record/batches.ts';
import { found, opened, SECOND, unanswered } from '../../family/openings/series.ts';
import { named } from '../../found.ts';

describe('SYNs that nobody answers', () => {
  const six = { count: 6, at: 4 * SECOND, every: SECOND };

  it.each([
    [
      'at an address of which nothing is heard',
      [unanswered(six)],
      'warning syn-unanswered 10.0.0.2 6',
      'nothing comes',
    ],
    [
      'at several ports of it, a few each',
      [unanswered({ ...six, count: 3 }), unanswered({ ...six, count: 3, port: 81 })],
      'warning syn-unanswered 10.0.0.2 6',
      'nothing comes',
    ],
    [
      'at one port of an address that answers at another',
      [unanswered(six), opened({ ...six, port: 443 })],
      'warning syn-unanswered 10.0.0.2:80 6',
      'no answer from this port',
    ],
    [
      'of a service that had opened others before',
      [opened({ ...six, at: 0, every: SECOND / 10 }), unanswered(six)],
      'warning syn-unanswered 10.0.0.2:80 6',
      'answered at other times',
    ],
    [
      'of one client, while others are answered',
      [opened({ ...six, at: 0, count: 20 }), unanswered({ ...six, client: '10.0.0.9' })],
      'warning syn-unanswered 10.0.0.9 -> 10.0.0.2:80 6',
      'this client alone',
    ],
    [
      'of one client that tries many ports',
      [unanswered({ count: 25, at: 0, every: 1000, columns: (i) => ({ server_port: 1000 + i }) })],
      'info syn-unanswered 10.0.0.1 25',
      'scan',
    ],
  ] as const)('%s', (_, flows, name, title) => {
    const findings = found(flows as unknown as Flow[][]);
    expect(findings.map(named)).toEqual([name]);
    expect(findings[0]?.title).toContain(title);
  });

  it.each([
    ['a few', [unanswered({ ...six, count: 4 })]],
    [
      'those that the capture cut off',
      [unanswered({ ...six, columns: () => ({ last: 0, observed: SECOND / 2 }) })],
    ],
  ] as const)('are no finding: %s', (_, flows) => {
    expect(found(flows as unknown as Flow[][])).toEqual([]);
  });

  it('those of a scan do not make its targets findings', () => {
    const scan = unanswered({
      count: 50,
      at: 0,
      every: 1000,
      columns: (i) => ({ server_port: 1000 + (i % 25) }),
    });
    const again = unanswered({
      count: 50,
      at: 9,
      every: 1000,
      columns: (i) => ({ server_port: 1000 + (i % 25) }),
    });
    expect(found([scan, again]).map(named)).toEqual(['info syn-unanswered 10.0.0.1 100']);
  });
});
