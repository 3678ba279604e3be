import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Via } from '../../../src/capture/live/live-error.ts';
import { within } from '../run.ts';
import { drive } from '../scenarios/drive.ts';
import { type EndpointPath, readPaths, withDatabase } from './database.ts';
import { type Comparison, compareSockets, type KernelSocket } from './sockets.ts';

// Live captures of the same connections that tcpdump writes into a file meanwhile, against its analysis.

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const VIAS: readonly Via[] = ['cap', 'tcpdump'];

export interface LiveConformOptions {
  connections: number;
  /** See DriveOptions. */
  seed: number;
  subnet: number;
  concurrency?: number;
  pace?: number;
  settle?: number;
  /** Where files and databases go. */
  folder: string;
}

/** Drives connections of every kind, and gives by way of capture what each end's path is beside that of the file. */
export async function liveConform(options: LiveConformOptions): Promise<Record<Via, Comparison[]>> {
  const pathOf = (via: Via) => join(options.folder, `${via}.sqlite`);
  const runs: ChildProcess[] = [];
  const driven = drive({
    ...options,
    loss: 0,
    family: 'mixed',
    beside: async ({ network }) => {
      for (const via of VIAS) runs.push(startLive(network.namespaces.client, via, pathOf(via)));
      await Promise.all(runs.map((run) => within(20, 'finwait live', once(run.stdout!, 'data'))));
      return async () => {
        await Promise.all(runs.map(endLive));
      };
    },
  });
  const { captures } = await driven.finally(() => {
    for (const run of runs) run.kill('SIGKILL');
  });
  return withDatabase([captures.client], (db) => {
    const expected = readPaths(db).map(withoutTimer);
    const compared = (via: Via) => compareSockets(expected.map(socketOf), livePaths(pathOf(via)));
    return { cap: compared('cap'), tcpdump: compared('tcpdump') };
  });
}

/** How far off the live times of equal paths are, in microseconds, at a quantile from 0 to 1. */
export function timeOff(results: readonly Comparison[], quantile: number): number {
  const sizes = results
    .flatMap(({ equal, errors }) => (equal ? errors : []))
    .map(({ late }) => Math.abs(late))
    .sort((a, b) => a - b);
  return sizes[Math.floor((sizes.length - 1) * quantile)] ?? Number.NaN;
}

function startLive(namespace: string, via: Via, path: string): ChildProcess {
  const words = [MAIN, 'live', 'eth0', '--via', via, '--db', path];
  return spawn('ip', ['netns', 'exec', namespace, process.execPath, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function endLive(run: ChildProcess): Promise<void> {
  const ended = once(run, 'exit');
  run.stdout!.resume();
  run.kill('SIGINT');
  const [code] = await within(20, 'finwait live to end', ended);
  if (code !== 0) throw new Error(`finwait live ended with ${code}`);
}

function livePaths(path: string): EndpointPath[] {
  const db = new Database(path, { readonly: true });
  try {
    return readPaths(db).map(withoutTimer);
  } finally {
    db.close();
  }
}

/** Whether a TIME_WAIT has run out by the end depends on the end, which is not the same for both. */
function withoutTimer(path: EndpointPath): EndpointPath {
  return { ...path, states: path.states.filter(({ evidence }) => evidence !== 'timer') };
}

function socketOf({ side, ip, port, peerIp, peerPort, states }: EndpointPath): KernelSocket {
  return { side, local: { ip, port }, remote: { ip: peerIp, port: peerPort }, path: states };
}
