import type { Database } from 'better-sqlite3';
import type { Side } from '../network/network.ts';
import { drive } from '../scenarios/drive.ts';
import { Player } from '../scenarios/play.ts';
import { STANDING } from '../scenarios/waiting.ts';
import type { SocketTruth } from '../truth/truth.ts';
import type { Truth } from '../truth/watch.ts';
import { type Witnessed, witness } from '../truth/witness.ts';
import { readPaths, withDatabase } from './database.ts';
import { add, cutAtFront, NONE, punchHole, type Standing, standingAfter } from './incomplete.ts';
import { askInstant, type Instant, occupied, quietLooks, spread } from './netstat.ts';
import { type Comparison, compareSockets, type KernelSocket } from './sockets.ts';

export interface ConformOptions {
  connections: number;
  /** Per cent of segments lost between the two captures, each way. */
  loss: number;
  seed: number;
  /** See DriveOptions. */
  subnet: number;
  /** Where the captures go. */
  folder: string;
  /** See DriveOptions: a slower run has more instants at which nothing is in motion. */
  pace?: number;
  /** At how many instants of each capture `states --netstat` is asked about each address; 0 by default. */
  instants?: number;
}

/** What the two captures of a run say against what the kernels did. */
export interface Conformance {
  /** Every socket of both kernels against its endpoint in the capture taken beside it. */
  near: Comparison[];
  /** The same in the other capture. */
  far: Comparison[];
  netstat: Instant[];
  /** Of both captures, cut at the front at ten places. */
  cut: Standing;
  /** Of both captures, with a hole at ten places. */
  punched: Standing;
}

const ENDS = ['client', 'server'] as const;
/** Places at which captures are cut, or have a hole. */
const PLACES = 10;

/** Drives connections of every kind and compares them with the kernels; needs root. */
export async function conform(options: ConformOptions): Promise<Conformance> {
  const { captures, truth } = await drive({ ...options, family: 'mixed' });
  const sockets = truth.sockets.map(socketOf).filter((socket) => !isStillborn(socket));
  const [cut, punched] = [{ ...NONE }, { ...NONE }];
  const result: Conformance = { near: [], far: [], netstat: [], cut, punched };
  for (const end of ENDS) {
    add(cut, await standingAfter(cutAtFront, captures[end], options.folder, PLACES));
    add(punched, await standingAfter(punchHole, captures[end], options.folder, PLACES));
    await withDatabase([captures[end]], (db) => {
      const compared = compareSockets(sockets, readPaths(db));
      result.near.push(...compared.filter((r) => r.socket.side === end));
      result.far.push(...compared.filter((r) => r.socket.side !== end));
      for (const host of ENDS) result.netstat.push(...askOften(db, truth, host, options.instants ?? 0));
    });
  }
  return result;
}

/**
 * Lets a socket stand in every state at the same time and asks `states --netstat` about each host, out
 * of the capture taken there; needs root.
 */
export async function conformStanding(options: {
  subnet: number;
  folder: string;
  instants: number;
}): Promise<Instant[]> {
  const { captures, truth }: Witnessed = await witness({ ...options, settle: 0 }, (lab) =>
    new Player(lab).play(STANDING),
  );
  const instants: Instant[] = [];
  for (const end of ENDS) {
    await withDatabase([captures[end]], (db) => {
      instants.push(...askOften(db, truth, end, options.instants));
    });
  }
  return instants;
}

/** Asks about each address of a host at quiet instants at which it has sockets in several states. */
function askOften(db: Database, truth: Truth, host: Side, instants: number): Instant[] {
  if (instants === 0) return [];
  const paths = readPaths(db);
  const span = db.prepare<[], { from: number; to: number }>(
    'SELECT min(first_us) AS "from", max(last_us) AS "to" FROM captures',
  );
  const looks = quietLooks(truth, host, span.get()!);
  const addresses = new Set(truth.sockets.filter(({ side }) => side === host).map(({ local }) => local.ip));
  return [...addresses].flatMap((ip) => {
    const several = looks.filter((look) => occupied(look, ip) > 1);
    return spread(several, instants).map((look) => askInstant(db.name, paths, { side: host, ip, look }));
  });
}

/** connect() found the addresses and ports in use: the socket was gone before it sent anything. */
function isStillborn({ path }: KernelSocket): boolean {
  const [first, last] = path;
  return (
    path.length === 2 &&
    first!.state === 'SYN_SENT' &&
    last!.state === 'CLOSED' &&
    last!.at! - first!.at! < 15
  );
}

function socketOf({ side, local, remote, path }: SocketTruth): KernelSocket {
  const steps = path.map((step) => ({ state: step.state, at: 'at_us' in step ? step.at_us : undefined }));
  return { side, local, remote, path: steps };
}
