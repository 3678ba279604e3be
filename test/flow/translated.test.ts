import { describe, expect, it } from 'vitest';
import type { Segment } from '../../src/decode/segment.ts';
import type { FlowBatch } from '../../src/flow/format/batch.ts';
import { Tracker } from '../../src/flow/tracker.ts';
import { bothSides } from './nat.ts';
import { flowsOf } from './result.ts';
import { ENDS, type Ends, parse, type RunOptions, run, START_US, type Step } from './script.ts';

// Connections captured on both sides of a NAT: one connection, with the other side's address and port.

const host = (last: number) => [0, 0, 0xffff, 0x0a000000 + last] as const;
const CLIENT = ENDS.client;
const SERVER = ENDS.server;
const NAT = { address: host(99), port: 40_000 };
const OTHER_PORT = { address: host(99), port: 1024 };
const BACKEND = { address: host(50), port: 8080 };
const six = (last: number, port: number) => ({ address: [0x20010db8, 0, 0, last] as const, port });

/** With Windows, without timestamps, and with Linux. */
const PLAIN = `
  +0      c S 0
  +0.020 s S. 0 ack 1
  +0.020 c . 1 ack 1
  +0.010 c P. 1:101 ack 1
  +0.020 s P. 1:501 ack 101
  +0.020 c F. 101 ack 501
  +0.020 s F. 501 ack 102
  +0.020 c . 102 ack 502
  watch +130`;
const STAMPED = PLAIN.replace('c S 0', 'c S 0 ts 700:0').replace('s S. 0 ack 1', 's S. 0 ack 1 ts 900:700');
const UNANSWERED = `
  +0  c S 0 ts 700:0
  +1 c S 0 ts 1700:0
  +2 c S 0 ts 3700:0
  watch +130`;
const REFUSED = `
  +0     c S 0 ts 700:0
  +0.01 s R. 0 ack 1
  watch +130`;

const inner: Ends = { client: CLIENT, server: SERVER };
const shown = (flows: ReturnType<typeof run>) =>
  flows.map(({ addresses, ports, translated, closeKind }) => [
    `${addresses.client.split(':').at(-1)}:${ports.client}`,
    `${addresses.server.split(':').at(-1)}:${ports.server}`,
    translated.client,
    translated.server,
    closeKind,
  ]);

const SOURCE: Ends = { client: NAT, server: SERVER };
const SOURCE_PORT: Ends = { client: OTHER_PORT, server: SERVER };
const DESTINATION: Ends = { client: CLIENT, server: BACKEND };
const BOTH: Ends = { client: OTHER_PORT, server: BACKEND };

describe('case 40: a connection on both sides of a NAT is one', () => {
  it.each([
    ['source', STAMPED, inner, SOURCE, '0:0:ffff:a000063:40000', null, 'fin'],
    ['source without timestamps', PLAIN, inner, SOURCE, '0:0:ffff:a000063:40000', null, 'fin'],
    ['source with its port', STAMPED, inner, SOURCE_PORT, '0:0:ffff:a000063:1024', null, 'fin'],
    ['destination', STAMPED, inner, DESTINATION, null, '0:0:ffff:a000032:8080', 'fin'],
    ['destination without timestamps', PLAIN, inner, DESTINATION, null, '0:0:ffff:a000032:8080', 'fin'],
    ['both', STAMPED, inner, BOTH, '0:0:ffff:a000063:1024', '0:0:ffff:a000032:8080', 'fin'],
    ['source, unanswered', UNANSWERED, inner, SOURCE, '0:0:ffff:a000063:40000', null, 'unanswered'],
    ['destination, refused', REFUSED, inner, DESTINATION, null, '0:0:ffff:a000032:8080', 'refused'],
    [
      'destination, refused, without timestamps',
      REFUSED.replace(' ts 700:0', ''),
      inner,
      DESTINATION,
      null,
      '0:0:ffff:a000032:8080',
      'refused',
    ],
    [
      'source, IPv6',
      STAMPED,
      { client: six(1, 40_000), server: six(2, 80) },
      { client: six(9, 41_000), server: six(2, 80) },
      '20010db8:0:0:9:41000',
      null,
      'fin',
    ],
  ])('%s', (_, script, one, other, client, server, closeKind) => {
    const flows = run(bothSides(script, one, other));
    const alone = run(parse(script, one));
    expect(flows.map(({ translated }) => translated)).toEqual([{ client, server }]);
    expect(flows[0]).toMatchObject({ closeKind, ports: alone[0]!.ports, addresses: alone[0]!.addresses });
    expect(flows[0]!.counts).toEqual(alone[0]!.counts);
  });

  it('as its client sees it, in whichever order the sides come', () => {
    const steps = bothSides(STAMPED, inner, SOURCE, { hop: -30e-6 });
    expect(shown(run(steps))).toEqual([
      ['a000001:40000', 'a000002:80', '0:0:ffff:a000063:40000', null, 'fin'],
    ]);
  });

  it.each([
    ['answered', STAMPED],
    ['answered, without timestamps', PLAIN],
    ['unanswered, with its SYN sent again', UNANSWERED],
  ])('in two captures one after the other: %s', (_, script) => {
    const steps = bothSides(script, inner, SOURCE);
    const side = (isOuter: boolean) =>
      steps.filter(({ segment: s }) => (s.src3 === NAT.address[3] || s.dst3 === NAT.address[3]) === isOuter);
    const flows = run([...side(false), ...side(true)]);
    expect(flows).toHaveLength(1);
  });

  it('of each connection of a port that is used again', () => {
    const again = `${STAMPED.replace('watch +130', '')}
      +1 c S 20000 ts 1900:0
      +0.02 s S. 30000 ack 20001 ts 2900:1900
      +0.02 c . 20001 ack 30001
      watch +130`;
    const flows = run(bothSides(again, inner, SOURCE));
    expect(flows.map(({ translated }) => translated.client)).toEqual([
      '0:0:ffff:a000063:40000',
      '0:0:ffff:a000063:40000',
    ]);
  });

  it('but not the next one of that port, if only one side of it was captured', () => {
    const next = parse(
      '+0 c S 90000 ts 9900:0\n+0.02 s S. 90000 ack 90001\n+0.02 c . 90001 ack 90001',
      SOURCE,
    );
    const later = next.map((step) => ({ ...step, at: step.at + 200 }));
    const flows = run([...bothSides(STAMPED, inner, SOURCE), ...later]);
    expect(shown(flows)).toEqual([
      ['a000001:40000', 'a000002:80', '0:0:ffff:a000063:40000', null, 'fin'],
      ['a000063:40000', 'a000002:80', null, null, 'open'],
    ]);
  });

  it.each([0, 1, 2, 3])('in each lane, whichever flows it follows (%i)', (which) => {
    for (const outer of [SOURCE, SOURCE_PORT, DESTINATION, BOTH]) {
      const steps = () =>
        bothSides(which % 2 === 0 ? STAMPED : PLAIN, inner, outer, { hop: which < 2 ? 2e-5 : -2e-5 });
      const isInner = (s: Segment) =>
        [s.src3, s.dst3].includes(0x0a000001) && [s.src3, s.dst3].includes(0x0a000002);
      const apart = [
        ...run(steps(), { isFollowed: isInner }),
        ...run(steps(), { isFollowed: (s) => !isInner(s) }),
      ];
      expect(apart.sort((a, b) => a.firstFrame - b.firstFrame)).toEqual(run(steps()));
    }
  });
});

/** Segments of several connections, each from its start on. */
function several(...all: [at: number, script: string, ends: Ends, ttl?: number][]): Step[] {
  return all
    .flatMap(([at, script, ends, ttl = 64]) =>
      parse(script, ends).map((step) => {
        step.segment.ttl = ttl;
        return { ...step, at: step.at + at };
      }),
    )
    .sort((a, b) => a.at - b.at);
}

const client = (n: number, port = 40_000): Ends => ({ client: { address: host(n), port }, server: SERVER });
const server = (n: number, port = 80): Ends => ({ client: CLIENT, server: { address: host(n), port } });
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('connections that have an ISN in common are several', () => {
  const syn = '+0 c S 0 id 0';
  it.each<[string, Step[], number, RunOptions?]>([
    [
      'a flood from many addresses',
      several(...range(12).map((i) => [i * 0.001, syn, client(100 + i)] as never)),
      12,
    ],
    [
      'one with timestamps, too',
      several(...range(12).map((i) => [i * 0.001, '+0 c S 0 id 0 ts 5:0', client(100 + i)] as never)),
      12,
    ],
    [
      'a flood from many ports of one host',
      several(...range(12).map((i) => [i * 0.001, '+0 c S 0 id 0 ts 5:0', client(100, 2000 + i)] as never)),
      12,
    ],
    [
      'a flood with timestamps that go on',
      several(...range(12).map((i) => [i * 0.001, `+0 c S 0 id 0 ts ${i >> 1}:0`, client(100 + i)] as never)),
      12,
    ],
    [
      'a flood of two with one identification',
      several([0, '+0 c S 0', client(100)], [0.001, '+0 c S 0', client(101)]),
      2,
    ],
    ['a flood of two', several([0, syn, client(100)], [0.001, syn, client(101)]), 2],
    ['a scan of ports', several(...range(12).map((i) => [i * 0.001, syn, server(2, 20 + i)] as never)), 12],
    ['a scan of addresses', several(...range(12).map((i) => [i * 0.001, syn, server(100 + i)] as never)), 12],
    [
      'a scan of two ports that are open',
      several(
        [0, '+0 c S 0 id 0\n+0.01 s S. 0 ack 1\n+0.01 c R 1', server(2, 80)],
        [0.001, '+0 c S 0 id 0\n+0.01 s S. 7 ack 1\n+0.01 c R 1', server(2, 443)],
      ),
      2,
    ],
    [
      'a slow scan with a constant ISN, and two of it at once later',
      several(
        [0, syn, server(100)],
        [5, syn, server(101)],
        [5.01, `${syn}\n+0.01 s S. 0 ack 1`, server(102)],
      ),
      3,
    ],
    [
      'a proxy with an ISN of its own',
      several([0, STAMPED, inner], [0.01, `isn c 5 s 6\n${STAMPED}`, { client: NAT, server: BACKEND }]),
      2,
    ],
    [
      'a proxy that repeats the SYN, and has the other ISN answer',
      several([0, STAMPED, inner], [0.001, STAMPED.replace('s S. 0', 's S. 77'), SOURCE, 63]),
      2,
    ],
    ['another port alone', several([0, STAMPED, inner], [0.00002, STAMPED, client(1, 40_001), 63]), 2],
    [
      'an ISN of zero',
      several([0, `isn c 0 s 0\n${PLAIN}`, inner], [0.001, `isn c 0 s 0\n${PLAIN}`, SOURCE, 63]),
      2,
    ],
    ['half a second between', bothSides(PLAIN, inner, SOURCE, { hop: 0.5 }), 2],
    [
      'another window',
      several([0, PLAIN, inner], [0.00002, PLAIN.replace('c S 0', 'c S 0 win 9'), SOURCE, 63]),
      2,
    ],
    [
      'another TSval',
      several([0, STAMPED, inner], [0.00002, STAMPED.replace('ts 700', 'ts 701'), SOURCE, 63]),
      2,
    ],
    [
      'another IP identification',
      several([0, PLAIN, inner], [0.00002, PLAIN.replace('c S 0', 'c S 0 id 9'), SOURCE, 63]),
      2,
    ],
  ])('%s', (_, steps, count) => {
    const flows = run(steps, { capacity: 64 });
    expect(flows).toHaveLength(count);
    for (const { translated } of flows) expect(translated).toEqual({ client: null, server: null });
  });
});

it.each([
  ['with timestamps', STAMPED],
  ['without', PLAIN],
])('live, the other side has no row at any time: %s', (_, script) => {
  const batches: FlowBatch[] = [];
  const onFlows = (batch: FlowBatch) => {
    batches.push(batch);
    return undefined;
  };
  const tracker = new Tracker({ capacity: 16, seed: 1, live: true, onFlows });
  bothSides(script, inner, SOURCE).forEach(({ at, segment }, i) => {
    segment.timeUs = START_US + Math.round(at * 1e6);
    segment.frame = i + 1;
    tracker.segment(segment);
    if (i > 0) for (const _ of tracker.snapshot(segment.timeUs));
  });
  for (const _ of tracker.finish());
  const flows = flowsOf(batches, START_US).filter(({ ports }) => ports.server !== 9);
  expect(new Set(flows.map(({ addresses }) => addresses.client)).size).toBe(1);
  expect(flows.at(-1)!.translated.client).toBe('0:0:ffff:a000063:40000');
  expect(flows.length).toBeGreaterThan(5);
});

it('where the beginning of a capture has none, all but a few before the first that is noticed are found', () => {
  const others = parse(`+0 c . 1 ack 1`, server(77));
  const beginning = Array.from({ length: 1 << 16 }, () => ({ ...others[0]!, at: 0 }));
  const later = range(60).flatMap((i) => {
    const script = `isn c ${1_000_003 * (i + 1)} s ${7_654_321 * (i + 1)}\n${STAMPED.replace('watch +130', '')}`;
    const client = { ...CLIENT, port: 41_000 + i };
    const steps = bothSides(
      script,
      { ...inner, client },
      { ...SOURCE, client: { ...NAT, port: 41_000 + i } },
    );
    return steps.map((step) => ({ ...step, at: step.at + 1 + i }));
  });
  const flows = run([...beginning, ...later], { capacity: 256 }).filter(({ ports }) => ports.client > 40_999);
  const isFound = flows.map(({ translated }) => translated.client !== null);
  const first = isFound.indexOf(true);
  expect(first).toBeLessThan(40);
  expect(isFound.slice(first)).not.toContain(false);
  expect(flows.length - first).toBeGreaterThan(40);
});
