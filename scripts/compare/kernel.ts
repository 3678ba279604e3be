// Compares the paths of both ends with what the kernels did, for captures taken at two hosts:
//   npx tsx scripts/compare/kernel.ts FOLDER [--diff]
// FOLDER holds client.pcap, server.pcap and expect.json (sockets with the kernel's transitions).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateName } from '../../src/flow/format/words.ts';
import { readPaths, withDatabase } from '../../test/lab/compare/database.ts';
import {
  type Comparison,
  compareSockets,
  type KernelSocket,
  misses,
  summaryLine,
} from '../../test/lab/compare/sockets.ts';

/** One life of a socket in expect.json. */
interface Recorded {
  side: 'client' | 'server';
  local: string;
  lport: number;
  remote: string;
  rport: number;
  /** State, epoch seconds, and the state before. */
  path: [StateName, number, string?][];
  tw?: { alive_at_end: boolean };
  orphan_fw2?: object;
}

/** The trace has no entry for SYN_SENT, and an end for what lives on as a mini-socket. */
function socketOf({ side, local, lport, remote, rport, path, tw, orphan_fw2 }: Recorded): KernelSocket {
  const steps: KernelSocket['path'] = path.map(([state, at]) => ({ state, at: at * 1e6 }));
  if (side === 'client') steps.unshift({ state: 'SYN_SENT', at: undefined });
  const last = steps.at(-1)!;
  if (orphan_fw2 !== undefined && last.state === 'CLOSED') last.at = undefined;
  if (tw?.alive_at_end === false) steps.push({ state: 'CLOSED', at: undefined });
  return { side, local: { ip: local, port: lport }, remote: { ip: remote, port: rport }, path: steps };
}

const [folder, flag] = process.argv.slice(2);
if (!folder) throw new Error('usage: kernel.ts FOLDER [--diff]');
const { sockets: recorded } = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8')) as {
  sockets: Recorded[];
};
const sockets = recorded.map(socketOf);
const near: Comparison[] = [];
const far: Comparison[] = [];
for (const end of ['client', 'server'] as const) {
  const paths = await withDatabase([join(folder, `${end}.pcap`)], readPaths);
  const results = compareSockets(sockets, paths);
  near.push(...results.filter((r) => r.socket.side === end));
  far.push(...results.filter((r) => r.socket.side !== end));
}
console.log(summaryLine('kernel', near, far));
if (flag === '--diff') for (const miss of [...misses('near', near), ...misses('far', far)]) console.log(miss);
