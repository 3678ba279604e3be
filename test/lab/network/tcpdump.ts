import { type ChildProcess, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { type Cleanup, seconds, within } from '../run.ts';

export interface TcpdumpOptions {
  namespace: string;
  /** A device, or `any`. */
  device: string;
  path: string;
  /** BPF expression; empty for everything. */
  filter: string;
  nanoseconds?: boolean;
}

/** A capture being taken. */
export interface Tcpdump {
  /** Ends it and returns the number of frames in the file. Fails if a single one was lost. */
  stop(): Promise<number>;
}

/** Enough for Ethernet with a tag, IPv6 and TCP with all options, or SLL2 and the same. */
const SNAP_LENGTH = 128;

/** Starts tcpdump in a namespace and returns once it listens. */
export async function startTcpdump(options: TcpdumpOptions, cleanup: Cleanup): Promise<Tcpdump> {
  const { namespace, device, path, filter, nanoseconds = false } = options;
  const child = spawn('ip', [
    ...['netns', 'exec', namespace, 'tcpdump', '-n', '-i', device, '-s', `${SNAP_LENGTH}`, '-w', path],
    ...['--immediate-mode', '-U', '-Z', 'root'],
    ...(nanoseconds ? ['--time-stamp-precision=nano'] : []),
    ...(filter === '' ? [] : [filter]),
  ]);
  cleanup.defer(() => void child.kill('SIGKILL'));
  let said = '';
  const listening = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
  });
  const gone = exit(child);
  await within(5, `tcpdump on ${device}`, Promise.race([listening, gone]));
  if (child.exitCode !== null) throw new Error(`tcpdump on ${device}: ${said.trim()}`);

  return {
    async stop() {
      await fileIsQuiet(path);
      child.kill('SIGINT');
      await within(5, `tcpdump on ${device} to stop`, gone);
      return framesCaptured(said);
    },
  };
}

/** The number of frames by tcpdump's closing words. Throws if the kernel saw more of them or dropped any. */
export function framesCaptured(said: string): number {
  const count = (of: string): number => Number(new RegExp(`(\\d+) packets? ${of}`).exec(said)?.[1] ?? NaN);
  const captured = count('captured');
  if (captured !== count('received by filter') || count('dropped by kernel') !== 0) {
    throw new Error(`tcpdump lost frames: ${said.trim()}`);
  }
  return captured;
}

async function fileIsQuiet(path: string): Promise<void> {
  let before = -1;
  for (let tries = 0; tries < 50; tries++) {
    const { size } = await stat(path);
    if (size === before) return;
    before = size;
    await seconds(0.1);
  }
}

function exit(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
