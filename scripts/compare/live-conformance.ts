// Drives connections of every kind of close between two real kernels while finwait live captures them, by
// cap and by tcpdump, and compares each end's path with that of a file which tcpdump writes meanwhile.
//   npx tsx scripts/compare/live-conformance.ts [--connections N] [--concurrency N] [--pace N] [--seed N] [--diff]
// Needs root and the lab's programs. The defaults take about a minute.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { liveConform, timeOff } from '../../test/lab/compare/live-conform.ts';
import { misses, share } from '../../test/lab/compare/sockets.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '500' },
    concurrency: { type: 'string', default: '12' },
    pace: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    diff: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'finwait-live-'));
try {
  const compared = await liveConform({
    connections: Number(values.connections),
    concurrency: Number(values.concurrency),
    pace: Number(values.pace),
    seed: Number(values.seed),
    subnet: 50 + (process.pid % 200),
    folder,
  });
  for (const [via, results] of Object.entries(compared)) {
    const [median, p95, most] = [0.5, 0.95, 1].map((quantile) => timeOff(results, quantile) / 1000);
    console.log(
      `${via}: paths equal ${share(results)}; times off by ${median} ms (median), ${p95} ms (95th percentile), ${most} ms at most`,
    );
    if (values.diff) for (const miss of misses(via, results)) console.log(miss);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
