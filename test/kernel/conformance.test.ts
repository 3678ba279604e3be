import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conform, conformStanding } from '../lab/compare/conform.ts';
import { isEqual, netstatLine, netstatMisses } from '../lab/compare/netstat.ts';
import { type Comparison, misses, summaryLine, timeError } from '../lab/compare/sockets.ts';
import { missingForLab } from '../lab/lab.ts';

// What finwait says is what the kernels did: connections of every kind of close between two real
// kernels, over a router that loses segments, seen from both ends.

const missing = missingForLab();
// Where CI runs as root, nothing may be missing; without root there is no lab anywhere.
const skip = missing.length > 0 && (process.env.CI === undefined || missing.includes('root'));

/** A share of this many sockets falls short of its mean by chance: two standard errors are allowed. */
function atLeast(goal: number, of: number): number {
  return goal - 2 * Math.sqrt((goal * (1 - goal)) / of);
}

const equal = (results: readonly Comparison[]): number =>
  results.filter((result) => result.equal).length / results.length;

describe.skipIf(skip)(`two kernels${skip ? ` (needs ${missing.join(', ')})` : ''}`, () => {
  test.each([
    // Slow, so that there are moments at which nothing is in motion: then netstat is asked.
    { loss: 0, connections: 100, far: 0.995, subnet: 40, pace: 30, instants: 8 },
    { loss: 2, connections: 150, far: 0.97, subnet: 41 },
    { loss: 10, connections: 150, far: 0.95, subnet: 42 },
  ])(
    '$connections connections, loss of $loss in a hundred between the captures',
    { timeout: 180_000 },
    async ({ far: farGoal, ...run }) => {
      const folder = mkdtempSync(join(tmpdir(), 'finwait-kernels-'));
      try {
        const { near, far, netstat, cut, punched } = await conform({ ...run, seed: 1, folder });
        const line = summaryLine(`loss ${run.loss} %`, near, far);
        console.log(line);
        const report = [line, ...misses('near', near), ...misses('far', far)].join('\n');
        expect(near.length).toBeGreaterThanOrEqual(2 * run.connections * 0.9);
        expect(equal(near), report).toBeGreaterThanOrEqual(atLeast(0.995, near.length));
        expect(equal(far), report).toBeGreaterThanOrEqual(atLeast(farGoal, far.length));
        const { median, p95 } = timeError(near);
        expect(median, line).toBeLessThan(200);
        expect(p95, line).toBeLessThan(2000);
        console.log(
          `loss ${run.loss} %, cut at the front: of ${cut.claimed} ends said to stand ${cut.ghosts} do not; of ${cut.real} that stand ${cut.shown} are shown to, ${cut.found} of them found`,
        );
        console.log(
          `loss ${run.loss} %, with a hole: of ${punched.claimed} ends said to stand ${punched.ghosts} do not; of ${punched.real} that stand ${punched.foundOfReal} are found`,
        );
        // What closed within a hole cannot be told from what stands: at most as many as a hole has room for.
        expect(punched.ghosts).toBeLessThanOrEqual(0.2 * punched.claimed);
        expect(punched.foundOfReal).toBeGreaterThanOrEqual(atLeast(0.95, punched.real) * punched.real);
        expect(cut.ghosts).toBeLessThanOrEqual(0.01 * cut.claimed);
        // A connection stands in most of the ten cuts, so the share of connections is what may differ by chance.
        expect(cut.found).toBeGreaterThanOrEqual(atLeast(0.99, cut.shown / 10) * cut.shown);
        expect(cut.shown).toBeGreaterThan(0.5 * cut.real);
        if (run.instants === undefined) return;
        console.log(netstatLine(`loss ${run.loss} %`, netstat));
        expect(netstat.length).toBeGreaterThanOrEqual(50);
        expect(netstatMisses(netstat)).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  test('states --netstat counts as the kernel does while sockets stand in every state', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finwait-kernels-'));
    try {
      const instants = await conformStanding({ subnet: 43, folder, instants: 5 });
      console.log(netstatLine('every state', instants));
      expect(instants.length).toBeGreaterThanOrEqual(4);
      expect(netstatMisses(instants)).toEqual([]);
      const states = new Set(instants.filter(isEqual).flatMap(({ kernel }) => kernel.map(stateOf)));
      expect([...states].sort()).toEqual([
        'CLOSE_WAIT',
        'CLOSING',
        'ESTABLISHED',
        'FIN_WAIT1',
        'FIN_WAIT2',
        'LAST_ACK',
        'SYN_RECV',
        'SYN_SENT',
        'TIME_WAIT',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const stateOf = (line: string): string => line.split(' ')[0]!;
