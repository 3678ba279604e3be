import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingForLab, openLab } from './lab.ts';
import { nodeServer, SERVER } from './programs/real.ts';
import { run } from './run.ts';
import { drive } from './scenarios/drive.ts';
import { statesOf } from './scenarios/expect.ts';

const missing = missingForLab();
// Where CI runs as root, nothing may be missing; without root there is no lab anywhere.
const skip = missing.length > 0 && (process.env.CI === undefined || missing.includes('root'));

describe.skipIf(skip)(`the lab${skip ? ` (needs ${missing.join(', ')})` : ''}`, () => {
  it('drives connections between two kernels and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finwait-lab-'));
    const subnet = 30;
    try {
      const { captures, truth, connections } = await drive({
        seed: 5,
        connections: 30,
        loss: 0,
        family: 'mixed',
        folder,
        subnet,
        settle: 0.5,
      });
      expect(connections.filter(({ failed }) => failed !== undefined)).toEqual([]);
      expect(connections).toHaveLength(30);

      // Nothing is lost on the way, so both ends saw the same number of frames, and all of them.
      const [client, server] = [readFileSync(captures.client), readFileSync(captures.server)];
      expect(client.length).toBeGreaterThan(10_000);
      expect(server.length).toBe(client.length);

      for (const { side, path } of truth.sockets) {
        expect(statesOf(path)[0]).toBe(side === 'client' ? 'SYN_SENT' : 'SYN_RECEIVED');
        const times = path.map((step) => ('at_us' in step ? step.at_us : step.by_us));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
      const clientPorts = truth.sockets.filter((s) => s.side === 'client').map((s) => s.local.port);
      expect(new Set(clientPorts)).toEqual(new Set(connections.map(({ port }) => port)));
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(run('ip', ['netns', 'list'])).not.toContain(`fw-${process.pid}-${subnet}`);
  });

  it('runs real programs, which end with it', async () => {
    const lab = await openLab({ subnet: 31 });
    try {
      await lab.run('server', nodeServer(9001));
      const ask = `require('node:http').get('http://${SERVER}:9001', (answer) => process.exit(answer.statusCode === 200 ? 0 : 1))`;
      await lab.run('client', { command: [process.execPath, 'ask.cjs'], files: { 'ask.cjs': ask } });
      await expect(lab.run('client', { command: ['false'] })).rejects.toThrow('false has ended with 1');
      await expect(lab.run('client', { command: ['true'], listens: 9 })).rejects.toThrow('has ended with 0');
      expect(run('ip', ['netns', 'exec', lab.network.namespaces.server, 'ss', '-Hltn'])).toContain(':9001');
    } finally {
      lab.close();
    }
    expect(run('sh', ['-c', 'pgrep -f server-9001.cj[s] || true'])).toBe('');
  });
});
