// Drives connections of every kind of close between two real kernels, captures at both ends, and
// compares every socket's path with its kernel's transitions. Needs root and the lab's programs.
//   npx tsx scripts/compare/conformance.ts [--connections N] [--loss PERCENT] [--seed N] [--diff]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conform } from './conform.ts';
import { misses, summaryLine } from './sockets.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '150' },
    loss: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
    diff: { type: 'boolean', default: false },
  },
});
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'finwait-conformance-'));
try {
  const { near, far } = await conform({
    connections: Number(values.connections),
    loss: Number(values.loss),
    seed: Number(values.seed),
    subnet: 50,
    folder,
  });
  console.log(summaryLine(`loss ${values.loss} %`, near, far));
  if (values.diff) for (const miss of [...misses('near', near), ...misses('far', far)]) console.log(miss);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
