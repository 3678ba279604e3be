import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Cleanup, within } from '../run.ts';
import { VLAN_ID } from './network.ts';

/** An address whose TCP timestamps are moved, as if it were of a host that was started at another time. */
export interface OtherClock {
  ip: string;
  aheadMs: number;
}

/** Starts the 802.1Q switch of a network with a trunk; returns once it forwards. */
export async function startTrunk(namespace: string, cleanup: Cleanup, other?: OtherClock): Promise<void> {
  const script = fileURLToPath(new URL('trunk.pl', import.meta.url));
  const clock = other === undefined ? [] : [other.ip, `${other.aheadMs}`];
  const child = spawn('ip', ['netns', 'exec', namespace, 'perl', script, `${VLAN_ID}`, ...clock], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup.defer(() => void child.kill('SIGKILL'));
  await within(5, 'the trunk', once(child.stdout, 'data'));
}
