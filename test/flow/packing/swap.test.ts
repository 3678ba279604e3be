import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST, SYN } from '../../../src/decode/segment.ts';
import { addressed, ENDS, run, type Step } from '../script.ts';

/** A segment from or to the client port of one of many flows. */
function step(at: number, port: number, flags: number, { toClient = false, seq = 1, ack = 2 } = {}): Step {
  const client = { ...ENDS.client, port };
  const segment = toClient ? addressed(ENDS.server, client) : addressed(client, ENDS.server);
  Object.assign(segment, { flags, seq, ack: (flags & ACK) === 0 ? 0 : ack, ipId: port, window: 500 });
  return { at, segment };
}

const TO_CLIENT = { toClient: true };
const PORTS = Array.from({ length: 64 }, (_, i) => 20_000 + i);
const OPEN = PORTS.map((port, i) => step(i / 100, port, ACK));

/** The flows are the same, in the same order, if most of them are packed. */
function expectNoDifference(given: readonly Step[], capacity = 64) {
  expect(run(given, { capacity, ready: 16 })).toEqual(run(given, { capacity }));
}

describe('a packed flow', () => {
  it('is swapped in when the table is full, and none is evicted', () => {
    expectNoDifference([...OPEN, ...PORTS.map((port, i) => step(1 + i / 100, port, ACK, TO_CLIENT))]);
  });

  it('is swapped in when others that are packed are over', () => {
    const over = PORTS.slice(0, 32).map((port, i) => step(1 + i / 100, port, RST | ACK, TO_CLIENT));
    const back = PORTS.slice(32).map((port, i) => step(2 + i / 100, port, ACK, TO_CLIENT));
    expectNoDifference([...OPEN, ...over, ...back]);
  });

  it('expires as late as any, however long after its end that is noticed', () => {
    const over = PORTS.map((port, i) => step(1 + i, port, RST | ACK, TO_CLIENT));
    expectNoDifference([...OPEN, ...over, step(150, 30_000, SYN), step(900, 30_001, SYN)], 128);
  });

  it('keeps a full trail, and continues it', () => {
    const fins = Array.from({ length: 200 }, (_, i) => [
      step(2 + i, PORTS[i % 3]!, FIN | ACK, { seq: 5 + i }),
      step(2.5 + i, 30_000 + i, SYN),
    ]).flat();
    expectNoDifference([...OPEN, ...fins], 512);
  });

  it.each([
    ['before the epoch', -2e9],
    ['far ahead', 3e9],
  ])('keeps times of a clock that leaps: %s', (_, leap) => {
    const apart = PORTS.map((port, i) => step(leap + i, port, ACK, TO_CLIENT));
    expectNoDifference([...OPEN, ...apart, ...PORTS.map((port, i) => step(5 + i, port, FIN | ACK))]);
  });
});

it('long trails in all flows leave every segment counted, whatever there is room for', () => {
  const steps = Array.from({ length: 3000 }, (_, i) =>
    step(i * 5, 30_000 + ((Math.imul(i, 0x27d4eb2f) >>> 8) % 60), FIN | ACK, {
      toClient: i % 2 === 1,
      seq: Math.imul(i, 0x9e3779b1) >>> 0,
      ack: Math.imul(i, 0x85ebca6b) >>> 0,
    }),
  );
  const flows = run(steps, { capacity: 62, ready: 16 });
  expect(flows.reduce((sum, { counts }) => sum + counts.client.segments + counts.server.segments, 0)).toBe(
    3000,
  );
});

it('flows whose successor awaits its answer are neither packed nor evicted', () => {
  const ports = PORTS.slice(0, 16);
  const closed = ports.flatMap((port, i) => [
    step(i, port, SYN, { seq: 1000 }),
    step(i + 0.1, port, SYN | ACK, { ...TO_CLIENT, seq: 5000, ack: 1001 }),
    step(i + 0.2, port, ACK, { seq: 1001, ack: 5001 }),
    step(i + 0.3, port, FIN | ACK, { ...TO_CLIENT, seq: 5001, ack: 1001 }),
    step(i + 0.4, port, FIN | ACK, { seq: 1001, ack: 5002 }),
    step(i + 0.5, port, ACK, { ...TO_CLIENT, seq: 5002, ack: 1002 }),
  ]);
  const again = ports.map((port, i) => step(20 + i, port, SYN, { seq: 2_000_000 }));
  const others = Array.from({ length: 10 }, (_, i) => step(40 + i, 30_000 + i, SYN));
  expectNoDifference([...closed, ...again, ...others]);
});

describe('a SYN noted on an open flow begins one at the end', () => {
  const opened = (port: number, at: number) => [
    step(at, port, ACK),
    step(at + 0.1, port, ACK, TO_CLIENT),
    step(at + 0.2, port, SYN, { seq: 9_000_000 }),
  ];
  const refused = PORTS.slice(0, 15).flatMap((port, i) => [
    step(i, port, SYN),
    step(i + 0.1, port, RST | ACK, TO_CLIENT),
  ]);

  it('when the table is crowded: no flow is written twice', () => {
    expectNoDifference([...refused, ...opened(30_000, 16)]);
  });

  it('when the table is full and no flow is packed', () => {
    expect(run([...refused, ...opened(30_000, 16)], { capacity: 16 })).toHaveLength(17);
  });

  it('in many flows', () => {
    expectNoDifference(PORTS.slice(0, 16).flatMap((port, i) => opened(port, i)));
  });
});
