import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSackBlock } from '../../src/decode/options.ts';
import { ACK, FIN, PSH, RST, type Segment, SYN } from '../../src/decode/segment.ts';
import { STATES, type StateName } from '../../src/flow/format/words.ts';
import { ROWS_LIMIT } from '../../src/flow/rows/close-segments.ts';
import { ESTABLISHED } from './fixtures.ts';
import type { Each, FlowResult } from './result.ts';
import { addressed, ENDS, type Endpoint, type Ends, ISN, parse, run, type Step } from './script.ts';

/** A segment of one of a few connections, by chance: numbers near the edge and far from it, times that jump. */
interface Random {
  port: number;
  toClient: boolean;
  flags: number;
  seq: number;
  ack: number;
  length: number;
  later: number;
  window: number;
  ipId: number;
  /** Edges of a SACK block. */
  sack: [left: number, length: number] | null;
}

const near = fc.oneof(
  { arbitrary: fc.integer({ min: -3, max: 6 }), weight: 8 },
  { arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), weight: 1 },
);
const random: fc.Arbitrary<Random> = fc.record({
  port: fc.constantFrom(40_000, 40_000, 40_001),
  toClient: fc.boolean(),
  flags: fc.oneof(
    {
      arbitrary: fc.constantFrom(SYN, SYN | ACK, ACK, ACK, PSH | ACK, FIN | ACK, FIN | ACK, RST, RST | ACK),
      weight: 9,
    },
    { arbitrary: fc.integer({ min: 0, max: 255 }), weight: 1 },
  ),
  seq: near,
  ack: near,
  length: fc.constantFrom(0, 0, 0, 1, 2, 1000),
  later: fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 2000 }).map((ms) => ms / 1000), weight: 8 },
    { arbitrary: fc.constantFrom(-20, -5, -1, -0.00005, 61, 600), weight: 1 },
  ),
  window: fc.constantFrom(0, 500),
  ipId: fc.integer({ min: 0, max: 3 }),
  sack: fc.option(fc.tuple(near, fc.integer({ min: 0, max: 4 }))),
});

const NUMBERS = { client: ISN.c, server: ISN.s };

function steps(randoms: readonly Random[], ends: Ends = ENDS): Step[] {
  let at = 10;
  return randoms.map((r) => {
    at = Math.max(0, at + r.later);
    const client = { ...ends.client, port: r.port - 40_000 + ends.client.port };
    const segment: Segment = r.toClient ? addressed(ends.server, client) : addressed(client, ends.server);
    const [mine, theirs] = r.toClient ? [NUMBERS.server, NUMBERS.client] : [NUMBERS.client, NUMBERS.server];
    segment.flags = r.flags;
    segment.seq = (mine + r.seq) >>> 0;
    segment.ack = (r.flags & ACK) === 0 ? 0 : (theirs + r.ack) >>> 0;
    segment.payloadLength = r.length;
    segment.window = r.window;
    segment.ipId = r.ipId;
    if (r.sack !== null) {
      const left = (theirs + r.sack[0]) >>> 0;
      addSackBlock(segment, left, (left + r.sack[1]) >>> 0);
    }
    return { at, segment };
  });
}

/** Half of the runs begin with a handshake, so that they get to the close. */
/** A segment of another flow, which takes a place. */
function passer(at: number, port: number): Step {
  const segment = addressed({ ...ENDS.client, port }, ENDS.server);
  return { at, segment: Object.assign(segment, { flags: ACK, seq: 1, ack: 1, window: 500 }) };
}

const capture = fc
  .tuple(fc.boolean(), fc.array(random, { maxLength: 60 }))
  .map(([opened, randoms]): Step[] => [...(opened ? parse(ESTABLISHED) : []), ...steps(randoms)]);

/** The same with ICMP errors between, which quote anything at all. */
const captureWithErrors = fc
  .tuple(capture, fc.array(fc.tuple(fc.nat({ max: 60 }), random, fc.nat({ max: 3 })), { maxLength: 8 }))
  .map(([given, errors]): Step[] => {
    const all = [...given];
    for (const [place, quoted, from3] of errors) {
      const before = Math.min(place, all.length);
      const [step] = steps([{ ...quoted, flags: 0, length: 0, later: 0 }]);
      const icmp = { type: 3, code: from3, from0: 0, from1: 0, from2: 0xffff, from3 };
      all.splice(before, 0, { ...step!, at: all[before - 1]?.at ?? 0, icmp });
    }
    return all;
  });

/** What may follow a state directly, by RFC 9293 figure 5; every one may end in CLOSED, and become UNKNOWN. */
const AFTER: Record<StateName, readonly StateName[]> = {
  SYN_SENT: ['SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1'],
  SYN_RECEIVED: ['ESTABLISHED', 'FIN_WAIT_1', 'CLOSE_WAIT'],
  ESTABLISHED: ['FIN_WAIT_1', 'CLOSE_WAIT'],
  FIN_WAIT_1: ['FIN_WAIT_2', 'CLOSING'],
  FIN_WAIT_2: ['TIME_WAIT'],
  CLOSING: ['TIME_WAIT'],
  TIME_WAIT: [],
  CLOSE_WAIT: ['LAST_ACK'],
  LAST_ACK: [],
  UNKNOWN: [],
  CLOSED: [],
};

const ends = ['client', 'server'] as const;
const total = (flows: readonly FlowResult[], of: (counts: Each<FlowResult['counts']['client']>) => number) =>
  flows.reduce((sum, flow) => sum + of(flow.counts), 0);

/** How many SYNs there are that may be noted on an open flow. */
const bareSyns = (given: readonly Step[]) =>
  given.filter(({ segment }) => (segment.flags & (SYN | ACK)) === SYN).length;

describe('any segments at all', () => {
  it('leave paths that obey figure 5, entered in order of time', () => {
    fc.assert(
      fc.property(capture, (given) => {
        for (const flow of run(given)) {
          for (const end of ends) {
            const entered = flow.stateTimes[end];
            entered.slice(1).forEach(({ state, at }, i) => {
              const before = entered[i]!;
              if (state !== 'CLOSED' && state !== 'UNKNOWN') expect(AFTER[before.state]).toContain(state);
              expect(at).toBeGreaterThanOrEqual(before.at);
            });
            for (const { evidence } of entered) expect(evidence).not.toBe('none');
            expect(flow.state[end]).toBe(entered.at(-1)?.state ?? null);
          }
        }
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('are each counted once: in a flow, as a duplicate, or as a SYN noted on an open flow', () => {
    fc.assert(
      fc.property(capture, (given) => {
        const flows = run(given);
        const counted = total(flows, ({ client, server }) => client.segments + server.segments);
        const copies = total(flows, ({ client, server }) => client.duplicates + server.duplicates);
        expect(counted + copies).toBeLessThanOrEqual(given.length);
        expect(counted + copies).toBeGreaterThanOrEqual(given.length - bareSyns(given));
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('are the same whether or not others are followed with them, as in lanes', () => {
    fc.assert(
      fc.property(captureWithErrors, (given) => {
        const isFirst = ({ srcPort, dstPort }: Segment) => srcPort === 40_000 || dstPort === 40_000;
        const apart = [
          ...run(given, { isFollowed: isFirst }),
          ...run(given, { isFollowed: (segment) => !isFirst(segment) }),
        ];
        const together = run(given);
        expect(apart.sort((a, b) => a.firstFrame - b.firstFrame)).toEqual(together);
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  it('are the same in lanes where a NAT has translated them', () => {
    const outer: Endpoint = { address: [0, 0, 0xffff, 0x0a000063], port: 41_000 };
    const bothSides = fc
      .tuple(capture, fc.array(fc.tuple(fc.nat({ max: 30 }), fc.boolean(), fc.boolean()), { minLength: 60 }))
      .map(([given, chances]) =>
        given.flatMap((step, i) => {
          const [later = 0, isLost = false, isFirst = false] = chances[i % chances.length] ?? [];
          const { segment: s } = step;
          const isServers = s.srcPort === ENDS.server.port;
          const there = isServers ? addressed(ENDS.server, outer) : addressed(outer, ENDS.server);
          const { src3, srcPort, dst3, dstPort } = there;
          const copy = { ...s, src3, srcPort, dst3, dstPort, ttl: s.ttl - 1 };
          const other = { at: step.at + later / 1e6, segment: copy };
          return isLost ? [step] : isFirst ? [other, step] : [step, other];
        }),
      );
    fc.assert(
      fc.property(bothSides, (given) => {
        const isFirst = ({ srcPort, dstPort }: Segment) => srcPort === 41_000 || dstPort === 41_000;
        const apart = [
          ...run(given, { isFollowed: isFirst }),
          ...run(given, { isFollowed: (segment) => !isFirst(segment) }),
        ];
        expect(apart.sort((a, b) => a.firstFrame - b.firstFrame)).toEqual(run(given));
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('are the same when most flows are packed most of the time', () => {
    fc.assert(
      fc.property(captureWithErrors, (given) => {
        const steps = given.flatMap((step, i) => [step, passer(step.at, 50_000 + (i % 6))]);
        const packed = run(steps, { capacity: 64, ready: 1 });
        expect(packed).toEqual(run(steps, { capacity: 64 }));
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  it('mean the same with ICMP errors between, which change nothing but their own columns', () => {
    fc.assert(
      fc.property(captureWithErrors, (given) => {
        const without = given.map((step): Step => {
          if (step.icmp === undefined) return step;
          // It quotes a segment of no flow: only the time goes on.
          return { ...step, segment: passer(step.at, 50_000).segment };
        });
        const plain = ({ icmp, segments, ...flow }: FlowResult) => ({
          ...flow,
          segments: segments.filter(({ meaning }) => meaning !== 'ICMP error'),
        });
        const flows = run(given);
        for (const flow of flows) {
          const noted = flow.segments.filter(({ meaning }) => meaning === 'ICMP error');
          expect(noted.map(({ at }) => Math.max(at, flow.first))).toEqual(
            flow.icmp === null ? [] : [flow.icmp.at],
          );
        }
        expect(flows.map(plain)).toEqual(run(without).map(plain));
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('make flows whose close agrees with their paths and trails', () => {
    fc.assert(
      fc.property(capture, (given) => {
        for (const flow of run(given)) {
          expect(flow.segments.length).toBeLessThanOrEqual(ROWS_LIMIT);
          expect(flow.last).toBeGreaterThanOrEqual(0);
          expect(flow.observed).toBeGreaterThanOrEqual(flow.last);
          if (flow.closeKind === 'open' || flow.closeKind === 'unanswered') {
            expect(flow.closeEnded).toBeNull();
          }
          // A close that may have begun before the capture was begun by nobody known.
          if (flow.closedFirst !== null) expect(flow.closeStarted).not.toBeNull();
          // An RST that its sender took back has a kind, but ended nothing.
          if (flow.resetKind !== 'injected') expect(flow.resetBy === null).toBe(flow.resetKind === null);
          for (const end of ends) {
            const waits = flow.stateTimes[end].some(({ state }) => state === 'TIME_WAIT');
            expect(end in flow.timeWaits).toBe(waits);
          }
        }
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('are as many in a table that is too small, but for SYNs noted on a flow that had to go', () => {
    fc.assert(
      fc.property(capture, (given) => {
        const segments = ({ client, server }: FlowResult['counts']) =>
          client.segments + server.segments + client.duplicates + server.duplicates;
        const lost = total(run(given), segments) - total(run(given, { capacity: 2 }), segments);
        expect(Math.abs(lost)).toBeLessThanOrEqual(bareSyns(given));
      }),
    );
  });
});

describe('which end has the lower address or port', () => {
  const swapped: [string, Ends][] = [
    [
      'the lower address',
      { client: { ...ENDS.client, port: 40_000 }, server: { ...ENDS.server, port: 50_000 } },
    ],
    [
      'the higher address',
      { client: { ...ENDS.server, port: 40_000 }, server: { ...ENDS.client, port: 50_000 } },
    ],
    [
      'the higher port',
      { client: { ...ENDS.client, port: 50_000 }, server: { ...ENDS.server, port: 40_100 } },
    ],
    [
      'an IPv6 address',
      {
        client: { address: [0x20010db8, 0, 0, 2], port: 40_000 },
        server: { address: [0x20010db8, 0, 0, 1], port: 50_000 },
      },
    ],
  ];
  const verdicts = (flows: readonly FlowResult[]) => flows.map(({ addresses, ports, ...rest }) => rest);

  it.each(swapped.slice(1))('the client with %s: nothing else changes', (_, ends) => {
    fc.assert(
      fc.property(fc.array(random, { maxLength: 40 }), (randoms) => {
        expect(verdicts(run(steps(randoms, ends)))).toEqual(verdicts(run(steps(randoms, swapped[0]![1]))));
      }),
    );
  });
});

it('STATES is an order in which no endpoint goes back', () => {
  for (const state of STATES) {
    for (const next of AFTER[state]) expect(STATES.indexOf(next)).toBeGreaterThan(STATES.indexOf(state));
  }
});
