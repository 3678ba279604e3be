import { drive } from '../lab/drive.ts';
import type { SocketTruth } from '../lab/truth.ts';
import { readPaths, withDatabase } from './database.ts';
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
}

/** Every socket of both kernels against its endpoint, in the capture taken beside it and in the other one. */
export async function conform(options: ConformOptions): Promise<{ near: Comparison[]; far: Comparison[] }> {
  const { captures, truth } = await drive({ ...options, family: 'mixed' });
  const sockets = truth.sockets.map(socketOf).filter((socket) => !isStillborn(socket));
  const near: Comparison[] = [];
  const far: Comparison[] = [];
  for (const end of ['client', 'server'] as const) {
    const results = compareSockets(sockets, await withDatabase([captures[end]], readPaths));
    near.push(...results.filter((r) => r.socket.side === end));
    far.push(...results.filter((r) => r.socket.side !== end));
  }
  return { near, far };
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
