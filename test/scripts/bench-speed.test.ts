import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated, MAIN } from '../../scripts/bench/input.ts';
import { runTimed } from '../../scripts/bench/process.ts';
import { type Program, ratio, runRounds } from '../../scripts/bench/rounds.ts';
import { temporaryFolder } from '../record/database.ts';
import { lacks } from '../record/program.ts';

// To notice a fall, not to measure, which is `npm run bench`'s: argus takes a second for any file.

/** How many times as long as argus we may take, with other tests running beside. */
const MOST = 2;

describe('analyze', () => {
  it.skipIf(lacks('argus'))(
    'keeps up with argus on 290,000 packets (skipped where argus is not installed)',
    {
      timeout: 180_000,
    },
    async () => {
      const folder = temporaryFolder();
      const capture = generated(folder, ['--flows', '10000', '--shape', 'middling', '--seed', '1']);
      await capture.make();
      const [database, records] = [join(folder, 'out.sqlite'), join(folder, 'out.argus')];
      const program = (name: string, file: string, ...words: string[]): Program => ({
        name,
        async run() {
          // argus would add to its file.
          rmSync(records, { force: true });
          return { ms: await runTimed(file, words), cpuMs: null, peak: null };
        },
      });
      const [ours, theirs] = await runRounds(
        [
          program('finwait', process.execPath, MAIN, 'analyze', '-q', capture.path, '--db', database),
          program('argus', 'argus', '-r', capture.path, '-w', records),
        ],
        { runs: 3, slowRuns: 3 },
      );
      expect([ours!.failure, theirs!.failure]).toEqual([undefined, undefined]);
      expect(ratio(ours!, theirs!)).toBeLessThan(MOST);
    },
  );
});
