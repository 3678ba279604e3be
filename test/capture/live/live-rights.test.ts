import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionHelp } from '../../../src/capture/live/live-rights.ts';
import { MAIN } from '../../terminal/finwait.ts';
import { canCapture, openWire, type Wire } from './live-wire.ts';

const NOBODY = 65_534;

describe('the ways to capture', () => {
  const words = ['/usr/bin/node', '/opt/fin wait/main.js', 'live', 'eth0', '--filter', "host 'a'"];
  const ways = permissionHelp({ words, device: 'eth0', filter: "host 'a'", uid: 1000, gid: 100 });

  it('are in order: tcpdump, an ambient capability, a copy of Node.js', () => {
    const order = [
      '| finwait live -',
      '--ambient-caps=+net_raw',
      'AmbientCapabilities=CAP_NET_RAW',
      'setcap',
    ];
    const places = order.map((word) => ways.indexOf(word));
    expect(places).toEqual(places.toSorted((x, y) => x - y));
    expect(places[0]).toBeGreaterThan(0);
    expect(ways.slice(places[3])).toContain('Warning: whoever may run that copy can capture everything');
  });

  it('ask again for what was asked for, quoted for a shell', () => {
    const line = ways.split('\n').find((each) => each.includes('setpriv'))!;
    const { stdout } = spawnSync('sh', ['-c', line.replace('sudo setpriv', "printf '%s\\n'")], {
      encoding: 'utf8',
    });
    expect(stdout.trimEnd().split('\n').slice(5)).toEqual(words);
    expect(line).toContain('--reuid=1000 --regid=100 ');
  });
});

describe.skipIf(!canCapture())('without rights (needs root, ip, tcpdump, setpriv)', () => {
  let wire: Wire;
  let folder: string;
  beforeAll(() => {
    wire = openWire();
    folder = mkdtempSync(join(tmpdir(), 'finwait-rights-'));
    chmodSync(folder, 0o777);
  });
  afterAll(() => {
    wire.cleanup.run();
    rmSync(folder, { recursive: true });
  });

  const inNamespace = (words: string[]) => {
    const { status, stderr } = spawnSync('ip', ['netns', 'exec', wire.b, ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
      timeout: 30_000,
    });
    return { code: status, stderr };
  };
  const nobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];

  it.each(['cap', 'tcpdump'])('%s: exit 4, and the second way, as printed, works', (via) => {
    const live = ['live', 'eth0', '--via', via, '--duration', '1s', '--db', `${via}.sqlite`];
    const denied = inNamespace([...nobody, process.execPath, MAIN, ...live]);
    expect(denied).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^finwait: eth0: no permission to capture \(.+\)\n/),
    });
    const second = /^ *sudo (setpriv .*)$/m.exec(denied.stderr)![1]!;
    const { code, stderr } = inNamespace(['sh', '-c', second]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
});
