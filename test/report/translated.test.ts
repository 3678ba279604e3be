import { expect, it } from 'vitest';
import { parseNetwork } from '../../src/report/addresses.ts';
import { listFlows } from '../../src/report/flows/list.ts';
import { verdictOf } from '../../src/report/ladder/verdict.ts';
import { findFlows, parseFlowName } from '../../src/report/name.ts';
import { readSummary } from '../../src/report/summary/summary.ts';
import { CLOSED } from '../flow/fixtures.ts';
import { bothSides } from '../flow/nat.ts';
import { ENDS, type Endpoint } from '../flow/script.ts';
import { databaseOfScript, laddersOf } from './ladder/ladders.ts';

// A connection that was captured on both sides of a NAT, in what people read.

const NAT: Endpoint = { address: [0, 0, 0xffff, 0x0a000063], port: 1024 };
const BACKEND: Endpoint = { address: [0, 0, 0xffff, 0x0a000032], port: 8080 };
const source = () => databaseOfScript(bothSides(CLOSED, ENDS, { ...ENDS, client: NAT }));
const destination = () => databaseOfScript(bothSides(CLOSED, ENDS, { ...ENDS, server: BACKEND }));

it.each([
  ['client', source, 'the client is 10.0.0.99:1024'],
  ['server', destination, 'the server is 10.0.0.50:8080'],
])('show tells the other address of the %s', (_, database, what) => {
  const [ladder] = laddersOf(database());
  expect(verdictOf(ladder!)).toContain(`Captured on both sides of a NAT: on the other side, ${what}.`);
});

it.each([
  ['10.0.0.99', 1],
  ['10.0.0.99:1024-10.0.0.2:80', 1],
  [':1024', 1],
  ['10.0.0.1:40000-10.0.0.2:80', 1],
  ['10.0.0.1:1024', 0],
])('%s names it', (name, count) => {
  expect(findFlows(source(), parseFlowName(name)!)).toHaveLength(count);
});

it.each(['10.0.0.1', '10.0.0.99'])('flows chosen by %s are all of it', (ip) => {
  const network = [{ endpoint: 'client' as const, value: parseNetwork(ip)! }];
  const { answer } = listFlows(source(), { filters: { network }, reverse: false, readable: true });
  expect([...answer.rows]).toHaveLength(1);
});

it('the summary counts case 40', () => {
  expect(readSummary(source())).toMatchObject({ flows: 1, translated: 1 });
});
