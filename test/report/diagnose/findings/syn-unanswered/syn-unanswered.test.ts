import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../record/batches.ts';
import { found, opened, SECOND, unanswered } from '../../family/openings/series.ts';
import { named, numbersOf } from '../../found.ts';

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

  const before = opened({
    ...six,
    at: 0,
    every: SECOND / 10,
    columns: () => ({ close_started: SECOND / 2 }),
  });
  const standing = opened({
    count: 60,
    at: 0,
    every: 1000,
    columns: () => ({ close_kind: 'open', last: SECOND, server_bytes: 400 }),
  });
  const elsewhere = opened({ ...six, port: 8080, count: 12, every: SECOND / 2 });
  const inUse = standing.map((flow) => ({ ...flow, columns: { ...flow.columns, last: 20 * SECOND } }));
  it.each([
    [
      'the host was away, or who knows: idle connections tell nothing',
      [standing],
      'answered at other times',
      {},
    ],
    [
      'its host answers elsewhere',
      [before, elsewhere],
      'stopped answering SYNs, though its host was there',
      { opened_by_other_ports_meanwhile: 10, stayed_open_meanwhile: 0 },
    ],
    [
      'others stay open, and its host answers elsewhere',
      [standing, elsewhere],
      'a limit on the way is reached',
      { opened_by_other_ports_meanwhile: 10, stayed_open_meanwhile: 60 },
    ],
    [
      'others wait in its queue',
      [standing.map((flow) => ({ ...flow, columns: { ...flow.columns, server_bytes: 0 } })), elsewhere],
      'though its host was there',
      { stayed_open_meanwhile: 60 },
    ],
    ['others stay in use', [inUse], 'a limit on the way is reached', { stayed_open_meanwhile: 60 }],
  ] as const)('of a service that opened some before: %s', (_, flows, title, numbers) => {
    const findings = found([...(flows as unknown as Flow[][]), unanswered(six)]);
    expect(findings.map(named)).toEqual(['warning syn-unanswered 10.0.0.2:80 6']);
    expect(findings[0]!.title).toContain(title);
    expect(numbersOf(findings[0])).toMatchObject(numbers);
  });

  it.each([
    [
      'in a capture of single SYNs: answers may not have been captured',
      [unanswered({ ...six, columns: () => ({ client_segments: 1, last: 0 }) })],
    ],
    [
      'in a capture of SYNs, sent twice: others that open late look the same',
      [unanswered({ ...six, columns: () => ({ client_segments: 2 }) })],
    ],
    [
      'of a service that sent SYN-ACKs, whose ACKs were not captured',
      [
        unanswered(six),
        opened({ ...six, history: 'ShFf', columns: () => ({ opened: Number.NaN }) }),
        opened({ ...six, port: 443 }),
      ],
    ],
    [
      'answered by an old ACK whose RST does not arrive',
      [before, unanswered({ ...six, columns: () => ({ server_segments: 3 }) })],
    ],
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

describe('SYNs that are answered by ICMP alone', () => {
  const six = { count: 6, at: 4 * SECOND, every: SECOND };
  const error = (icmp_type: number, icmp_code: number) => () => ({ icmp: 1000, icmp_type, icmp_code });

  it.each([
    ['a filter', 3, 13, 'ICMP 3/13: communication administratively prohibited', 'rule that rejects'],
    ['a host that is down', 3, 1, 'ICMP 3/1: host unreachable', 'host is down or gone'],
    ['a filter, as if nobody listened', 3, 3, 'ICMP 3/3: port unreachable', 'it is a filter that rejects'],
    ['a loop of routes', 11, 0, 'ICMP 11/0: time to live exceeded', 'could not pass them on'],
  ])('say so: %s', (_, type, code, title, cause) => {
    const findings = found([unanswered({ ...six, columns: error(type, code) })]);
    expect(findings.map(named)).toEqual(['warning syn-unanswered 10.0.0.2:80 6']);
    expect(findings[0]!.title).toContain(`SYNs are answered by ${title}`);
    expect(findings[0]!.cause).toContain(cause);
    expect(findings[0]!.cause).not.toContain('no answer');
  });

  it('also where the capture ended before a SYN was due again', () => {
    const columns = () => ({ ...error(3, 13)(), last: 0, observed: SECOND / 2 });
    expect(found([unanswered({ ...six, columns })]).map(named)).toEqual([
      'warning syn-unanswered 10.0.0.2:80 6',
    ]);
  });

  it('and others of the service, without one, are no finding of their own', () => {
    const some = unanswered({ ...six, columns: error(3, 13) });
    expect(found([some, unanswered({ ...six, at: 40 * SECOND })]).map(named)).toEqual([
      'warning syn-unanswered 10.0.0.2:80 6',
    ]);
  });

  it('while others are opened, are not taken for a full backlog', () => {
    const some = unanswered({ ...six, columns: error(3, 13) });
    expect(found([some, opened({ ...six, count: 20 })]).map(named)).toEqual([
      'warning syn-unanswered 10.0.0.2:80 6',
    ]);
  });

  it('of one client that tries many targets are a scan', () => {
    const columns = (i: number) => ({ ...error(3, 13)(), server_port: 1000 + i });
    expect(found([unanswered({ count: 25, at: 0, every: 1000, columns })]).map(named)).toEqual([
      'info syn-unanswered 10.0.0.1 25',
    ]);
  });
});
