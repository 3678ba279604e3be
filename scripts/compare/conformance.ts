// Drives connections of every kind of close between two real kernels, captures at both ends, and
// compares every socket's path with its kernel's transitions. Needs root and the lab's programs.
//   npx tsx scripts/compare/conformance.ts [--connections N] [--loss PERCENT] [--seed N] [--pace N]
//     [--instants N] [--diff]
// With --instants N it asks `finwait states --netstat` N times about each address of the two hosts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conform } from '../../test/lab/compare/conform.ts';
import { netstatLine, netstatMisses } from '../../test/lab/compare/netstat.ts';
import { misses, summaryLine } from '../../test/lab/compare/sockets.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '150' },
    loss: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    pace: { type: 'string', default: '1' },
    instants: { type: 'string', default: '0' },
    folder: { type: 'string' },
    diff: { type: 'boolean', default: false },
  },
});
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'finwait-conformance-'));
try {
  const { near, far, netstat } = await conform({
    connections: Number(values.connections),
    loss: Number(values.loss),
    seed: Number(values.seed),
    pace: Number(values.pace),
    instants: Number(values.instants),
    // Sockets of a lab that is gone close some seconds later: the next one needs other addresses.
    subnet: 50 + (process.pid % 200),
    folder,
  });
  const name = `loss ${values.loss} %`;
  console.log(summaryLine(name, near, far));
  if (netstat.length > 0) console.log(netstatLine(name, netstat));
  const all = [...misses('near', near), ...misses('far', far), ...netstatMisses(netstat)];
  if (values.diff) for (const miss of all) console.log(miss);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
