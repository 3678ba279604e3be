import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sudoUser } from '../../../src/capture/live/live-user.ts';
import { ROOT } from '../../terminal/finwait.ts';
import { Capture, canCapture, openWire } from './live-wire.ts';

const NOBODY = { SUDO_USER: 'nobody', SUDO_UID: '65534', SUDO_GID: '65534' };
const isRoot = process.getuid?.() === 0;

it.each([
  ['no sudo', {}],
  ['sudo by root', { SUDO_USER: 'root', SUDO_UID: '0', SUDO_GID: '0' }],
  ['half a sudo', { SUDO_USER: 'nobody', SUDO_GID: '65534' }],
])('no user behind it: %s', (_what, env) => {
  expect(sudoUser(env)).toBeUndefined();
});

describe.skipIf(!isRoot)('by sudo (needs root)', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'finwait-user-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const dropFor = (env: NodeJS.ProcessEnv) => {
    const script = `import { dropPrivileges } from '${ROOT}/src/capture/live/live-user.ts';
      const user = dropPrivileges('${folder}/web.sqlite');
      console.log(user?.name, process.getuid(), process.getgid(), process.getgroups().join());`;
    const words = ['--import', 'tsx', '--input-type=module', '-e', script];
    return spawnSync(process.execPath, words, { encoding: 'utf8', env: { ...process.env, ...env } }).stdout;
  };

  it('stays root where a database is there that the user may not write', () => {
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'web.sqlite'), '', { mode: 0o644 });
    expect(dropFor(NOBODY)).toMatch(/^undefined 0 0 /);
  });

  it('becomes the user who may write to the folder', () => {
    chmodSync(folder, 0o777);
    expect(dropFor(NOBODY)).toBe('nobody 65534 65534 65534\n');
  });

  it('stays root where that user may not', () => {
    chmodSync(folder, 0o755);
    expect(dropFor(NOBODY)).toMatch(/^undefined 0 0 /);
  });
});

describe.skipIf(!canCapture())('the child that captures, by sudo (needs root, ip, tcpdump)', () => {
  it.each(['cap', 'tcpdump'] as const)('%s is the user from when it captures', async (via) => {
    const wire = openWire();
    try {
      const env = Object.entries(NOBODY).map(([name, value]) => `${name}=${value}`);
      const capture = new Capture(wire, 'lo', { via }, wire.b, ['env', ...env]);
      const { pid } = await capture.next('open');
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      capture.ask({ kind: 'stop' });
      expect((await capture.next('ended')).end.reason).toBe('stopped');
    } finally {
      wire.cleanup.run();
    }
  });
});
