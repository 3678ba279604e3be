import { expect, it } from 'vitest';
import type { FlowBatch } from '../../../src/flow/format/batch.ts';
import { columnIndex } from '../../../src/flow/format/columns.ts';
import { ENDS, type Ends, parse, run, type Step } from '../script.ts';

/** capture_near of a script that is one flow: 0 client, 1 server, null. */
function nearOf(script: string | readonly Step[], ends: Partial<Ends> = {}): number | null {
  let near = Number.NaN;
  const onBatch = (batch: FlowBatch) => {
    near = batch.rows[columnIndex('capture_near')]!;
    return batch;
  };
  run(script, { onBatch, ...ends });
  return Number.isNaN(near) ? null : near;
}

const handshake = (toServer: string, toClient: string, ttls: [client: number, server: number]) => `
  +0 c S 0 ttl ${ttls[0]}
  ${toServer} s S. 0 ack 1 ttl ${ttls[1]}
  ${toClient} c . 1 ack 1 ttl ${ttls[0]}`;

it.each([
  ['at the client', '+0.02', '+0.00005', [64, 57], 0],
  ['at the server', '+0.00005', '+0.02', [57, 64], 1],
  ['nearer to the client, behind routers', '+0.02', '+0.001', [63, 57], 0],
  ['nearer to the server, behind routers', '+0.001', '+0.02', [120, 62], 1],
  ['at half the way to the client, behind routers', '+0.02', '+0.01', [60, 57], 0],
  ['at half the way to the server, behind routers', '+0.01', '+0.02', [60, 57], 1],
  ['in the middle', '+0.011', '+0.01', [60, 57], null],
  ['in the middle of times, but at the client by its TTL', '+0.0001', '+0.00009', [128, 63], 0],
  ['in the middle of times, but at the server by its TTL', '+0.0001', '+0.00009', [63, 255], 1],
  ['on the link of both', '+0.0001', '+0.00009', [64, 64], null],
  ['near the client by times, at the server by TTL', '+0.02', '+0.00005', [57, 64], null],
] as const)('%s', (_, toServer, toClient, ttls, near) => {
  expect(nearOf(handshake(toServer, toClient, [...ttls]))).toBe(near);
});

it('is not known mid-stream', () => {
  expect(nearOf('+0 c . 1 ack 1\n+0.02 s . 1 ack 1')).toBeNull();
});

it('is neither where each segment was captured at two places', () => {
  const steps = parse(handshake('+0.02', '+0.00005', [64, 57]));
  const twice = steps.flatMap(({ at, segment }) => [
    { at, segment },
    { at: at + 1e-6, segment: { ...segment, ttl: segment.ttl - 1 } },
  ]);
  expect(nearOf(twice)).toBeNull();
});

it('is neither for a connection of a host to itself', () => {
  const server = { ...ENDS.server, address: ENDS.client.address };
  expect(nearOf(handshake('+0.02', '+0.00005', [64, 64]), { server })).toBeNull();
});
