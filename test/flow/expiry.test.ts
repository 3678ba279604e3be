import { describe, expect, it } from 'vitest';
import { ACK, RST, SYN } from '../../src/decode/segment.ts';
import type { FlowBatch } from '../../src/flow/format/batch.ts';
import { Tracker } from '../../src/flow/tracker.ts';
import { CLOSED_BY_SERVER, ESTABLISHED } from './fixtures.ts';
import { addressed, ENDS, run } from './script.ts';

it('flows that are due after a pause expire little by little, so that they do not pile up before the store', () => {
  let expired = 0;
  const onFlows = ({ count }: FlowBatch) => {
    expired += count;
    return undefined;
  };
  const tracker = new Tracker({ capacity: 1 << 14, seed: 1, onFlows });
  let frame = 0;
  const send = (at: number, port: number, flags: number) => {
    const client = { ...ENDS.client, port };
    const s = flags === SYN ? addressed(client, ENDS.server) : addressed(ENDS.server, client);
    tracker.segment(Object.assign(s, { flags, timeUs: at, frame: ++frame, ack: 1 }));
  };
  for (let port = 1; port <= 10_000; port++) {
    send(port, port, SYN);
    send(port, port, RST | ACK);
  }
  send(1e9, 20_000, SYN);
  expect(expired).toBe(0);
  for (let port = 20_001; port < 25_000; port++) send(1e9, port, SYN);
  // All but those that a batch still gathers.
  expect(expired).toBeGreaterThan(9000);
  expect(expired).toBeLessThanOrEqual(10_000);
});

describe('a flow that is over long before the end is the same, whether or not another begins after it', () => {
  const begins = (script: string) => run(`${script}\nwatch +400`);
  // The bystander's flow is there from the start.
  const goesOn = (script: string) => run(`watch +0\n${script}\nwatch +400`);

  it.each([
    ['with a SYN noted while it was open', `${ESTABLISHED}\n+1 c S 5000\n+1 c R 1`, 1],
    [
      'with a connection refused after its TIME_WAIT',
      `${CLOSED_BY_SERVER}\nreopen\n+1 c S 0\n+0.1 s R. 0 ack 1`,
      2,
    ],
  ])('%s', (_, script, flows) => {
    const told = (ran: ReturnType<typeof run>) =>
      ran.map(({ closeKind, observed, client, server }) => ({ closeKind, observed, client, server }));
    expect(told(goesOn(script))).toEqual(told(begins(script)));
    expect(begins(script)).toHaveLength(flows);
  });
});
