import { parentPort } from 'node:worker_threads';
import { endThread } from '../base/thread.ts';
import type { FromSampler, ToSampler } from './kernel-sampler.ts';
import { readKernelSettings } from './kernel-settings.ts';
import { SocketOwners } from './kernel-socket-owners.ts';
import { type KernelSocketRow, KernelSocketWatch } from './kernel-socket-watch.ts';
import { readKernelSockets } from './kernel-sockets.ts';

// The thread that reads the kernel's sockets, again and again. It ends by endThread.

const PAUSE_MS = 500;
/** Reading takes at most this share of the time, however many sockets there are. */
const SHARE = 0.25;

const port = parentPort!;
const post = (message: FromSampler) => port.postMessage(message);
const owners = new SocketOwners();
const watch = new KernelSocketWatch((inode) => owners.of(inode));
let timer: NodeJS.Timeout | undefined;

/** Takes a reading; a whole one has what others need to begin with. */
function sample({ whole = false, add = (): KernelSocketRow[] => [] } = {}): void {
  const atUs = Date.now() * 1000;
  const sockets = readKernelSockets();
  const readUs = (Date.now() + 1) * 1000;
  owners.look(sockets.map(({ inode }) => inode));
  const rows = watch.take(sockets, atUs, readUs);
  post({ atUs, rows: [...rows, ...add()], ...(whole ? { settings: readKernelSettings() } : {}) });
}

function goOn(whole = false): void {
  const begun = performance.now();
  sample({ whole });
  timer = setTimeout(goOn, Math.max(PAUSE_MS, (performance.now() - begun) / SHARE));
}

port.on('message', (message: ToSampler) => {
  if (message === 'all') {
    sample({ whole: true, add: () => watch.all() });
    return;
  }
  clearTimeout(timer);
  sample();
  if (watch.hasUnconfirmedLosses) sample();
  post('stopped');
  endThread(port);
});

goOn(true);
