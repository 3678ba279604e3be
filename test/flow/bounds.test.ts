import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST, SYN } from '../../src/decode/segment.ts';
import type { FlowBatch } from '../../src/flow/format/batch.ts';
import { ROW_WIDTH, SEGMENT_WIDTH } from '../../src/flow/format/columns.ts';
import { addressed, ENDS, run, type Step } from './script.ts';

/** A segment from or to the client port of one of many flows. */
function step(at: number, port: number, flags: number, { toClient = false } = {}): Step {
  const client = { ...ENDS.client, port };
  const segment = toClient ? addressed(ENDS.server, client) : addressed(client, ENDS.server);
  Object.assign(segment, { flags, seq: 1, ack: (flags & ACK) === 0 ? 0 : 2, ipId: port, window: 500 });
  return { at, segment };
}

const PORTS = Array.from({ length: 1000 }, (_, i) => 20_000 + i);

describe('a tracker with room for 16 flows', () => {
  it('makes 1000 open flows into 1000 rows, each once, the evicted ones marked', () => {
    const flows = run(
      PORTS.map((port, i) => step(i, port, SYN)),
      { capacity: 16 },
    );
    expect(flows.map(({ ports }) => ports.client)).toEqual(PORTS);
    expect(flows.filter(({ evicted }) => evicted)).toHaveLength(1000 - 16);
    expect(
      flows.every(({ closeKind, client }) => closeKind === 'unanswered' && client.startsWith('SYN_SENT')),
    ).toBe(true);
  });

  it('counts every segment of 1000 flows that take turns, in whichever row', () => {
    const rounds = [0, 1, 2, 3, 4];
    const steps = rounds.flatMap((round) =>
      PORTS.map((port, i) => step(round * 1000 + i, port, ACK, { toClient: round % 2 === 1 })),
    );
    const flows = run(steps, { capacity: 16 });
    const segments = flows.reduce(
      (sum, { counts }) => sum + counts.client.segments + counts.server.segments,
      0,
    );
    expect(segments).toBe(steps.length);
  });

  it('lets flows that are over go before others', () => {
    const reset = [step(0, 20_000, SYN), step(0.1, 20_000, FIN | ACK)];
    const over = [
      ...reset,
      step(0.2, 20_000, FIN | ACK, { toClient: true }),
      step(0.3, 20_000, ACK),
      step(0.4, 20_000, ACK, { toClient: true }),
    ];
    const flows = run(
      [...PORTS.slice(1, 16).map((port, i) => step(i / 100, port, SYN)), ...over, step(1, 30_000, SYN)],
      {
        capacity: 16,
      },
    );
    expect(flows.filter(({ evicted }) => evicted).map(({ ports }) => ports.client)).toEqual([20_000]);
  });

  it('packs what there is no place for, up to 64, and then evicts the longest idle', () => {
    const flows = run(
      PORTS.map((port, i) => step(i, port, SYN)),
      { capacity: 64, ready: 16 },
    );
    expect(flows.map(({ ports }) => ports.client)).toEqual(PORTS);
    expect(flows.filter(({ evicted }) => evicted).map(({ ports }) => ports.client)).toEqual(
      PORTS.slice(0, 1000 - 64),
    );
  });

  it('lets packed flows that are over go before others that are packed', () => {
    const opened = PORTS.slice(0, 30).map((port, i) => step(i, port, SYN));
    const reset = PORTS.slice(0, 30).map((port, i) => step(30 + i, port, RST | ACK, { toClient: true }));
    const more = PORTS.slice(30, 70).map((port, i) => step(60 + i, port, SYN));
    const still = PORTS.slice(500, 530).map((port, i) => step(i, port, SYN));
    const flows = run([...still, ...opened, ...reset, ...more], { capacity: 64, ready: 16 });
    const gone = flows.filter(({ evicted }) => evicted);
    expect(gone).toHaveLength(30 + 30 + 40 - 64);
    expect(gone.filter(({ closeKind }) => closeKind === 'refused')).toHaveLength(30);
  });

  it('finds one that is evictable, also if chance hits none', () => {
    const ports = PORTS.slice(0, 8);
    const closed = (port: number, i: number) => [
      step(i, port, SYN),
      step(i, port, SYN | ACK, { toClient: true }),
      step(i, port, FIN | ACK, { toClient: true }),
      step(i, port, FIN | ACK),
      step(i, port, ACK, { toClient: true }),
    ];
    const numbered = ports.flatMap(closed).map((one, n) => {
      one.segment.seq += [0, 0, 1, 1, 2][n % 5]!;
      one.segment.ack += [0, 0, 0, 1, 1][n % 5]!;
      return one;
    });
    // Each waits for its new one's answer: half of the table must stay.
    const again = ports.map((port) => {
      const one = step(8, port, SYN);
      one.segment.seq = 5000;
      return one;
    });
    // Of this seed the first sixteen throws are all of that half.
    const flows = run([...numbered, ...again, step(9, 30_000, SYN)], { capacity: 16, seed: 57_154 });
    expect(flows).toHaveLength(17);
  });

  it('does not mark one that has long been over when a new connection of another makes room', () => {
    const refused = (at: number, port: number) => [
      step(at, port, SYN),
      step(at + 0.1, port, RST | ACK, { toClient: true }),
    ];
    const flows = run(
      [
        ...refused(0, 20_000),
        ...PORTS.slice(1, 15).map((port, i) => step(1 + i / 100, port, SYN)),
        ...refused(2, 30_000),
        // Time passes, and no flow begins.
        step(121, 20_001, SYN),
        step(121.5, 30_000, SYN),
      ],
      { capacity: 16 },
    );
    expect(flows).toHaveLength(17);
    expect(flows.filter(({ evicted }) => evicted)).toEqual([]);
    expect(flows[0]?.observed).toBe(120.1);
  });

  it('does not mark a flow that expired because it was over long ago', () => {
    const [flow] = run(
      [
        step(0, 20_000, FIN | ACK),
        step(0.1, 20_000, FIN | ACK, { toClient: true }),
        step(0.2, 20_000, ACK),
        step(500, 20_001, SYN),
        step(900, 20_002, SYN),
      ],
      { capacity: 16 },
    );
    expect(flow).toMatchObject({ evicted: false });
  });
});

describe('batches', () => {
  it('hold what they say, and no more than their arrays', () => {
    const batches: FlowBatch[] = [];
    const many = Array.from({ length: 5000 }, (_, i) => i + 1000);
    const flows = run(
      many.flatMap((port, i) => [
        step(i, port, SYN),
        step(i, port, FIN | ACK),
        step(i, port, FIN | ACK, { toClient: true }),
      ]),
      { capacity: 1 << 13, onBatch: (batch) => void batches.push(batch) },
    );
    expect(flows).toHaveLength(5000);
    expect(batches.length).toBeGreaterThan(1);
    for (const { count, rows, segmentCounts, segments } of batches) {
      expect(count).toBeGreaterThan(0);
      expect(rows.length).toBeGreaterThanOrEqual(count * ROW_WIDTH);
      const used = segmentCounts.subarray(0, count).reduce((sum, n) => sum + n, 0);
      expect(segments.length).toBeGreaterThanOrEqual(used * SEGMENT_WIDTH);
    }
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
  });

  it('name each address once, numbered without a gap', () => {
    const batches: FlowBatch[] = [];
    run(
      Array.from({ length: 3000 }, (_, i) => {
        const client = { address: [0, 0, 0xffff, 0x0b000000 + (i % 500)] as const, port: 1000 + i };
        return { at: i, segment: Object.assign(addressed(client, ENDS.server), { flags: SYN }) };
      }),
      { capacity: 1 << 12, onBatch: (batch) => void batches.push(batch) },
    );
    let next = 0;
    const words = new Set<string>();
    for (const { addresses } of batches) {
      expect(addresses.firstId).toBe(next);
      next += addresses.count;
      for (let i = 0; i < addresses.count; i++) words.add(addresses.words.subarray(i * 4, i * 4 + 4).join());
    }
    expect(next).toBe(501);
    expect(words.size).toBe(501);
  });
});
