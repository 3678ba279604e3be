import type { StateName } from '../../../src/flow/format/words.ts';
import type { EndpointPath } from './database.ts';

// The paths of a capture's endpoints against those of the kernels' sockets.

/** One life of a socket by its kernel's account. */
export interface KernelSocket {
  side: 'client' | 'server';
  local: { ip: string; port: number };
  remote: { ip: string; port: number };
  /** Times in epoch microseconds; undefined where the kernel gives only limits. */
  path: { state: StateName; at: number | undefined }[];
}

export interface Comparison {
  socket: KernelSocket;
  ours: EndpointPath | undefined;
  equal: boolean;
  /** How much later than the kernel we have each state, in microseconds. */
  errors: { state: StateName; late: number }[];
}

/** Finds each socket's endpoint by its addresses and the time of its birth, and compares the two. */
export function compareSockets(
  sockets: readonly KernelSocket[],
  paths: readonly EndpointPath[],
): Comparison[] {
  const free = new Set(paths);
  return sockets.map((socket) => {
    const born = socket.path.find(({ at }) => at !== undefined);
    const birth = (p: EndpointPath) => p.states.find(({ state }) => state === born?.state)?.at ?? p.firstUs;
    const distance = (p: EndpointPath) => Math.abs(birth(p) - (born?.at ?? 0));
    const ours = [...free].filter((p) => isSame(p, socket)).sort((a, b) => distance(a) - distance(b))[0];
    if (ours === undefined) return { socket, ours, equal: false, errors: [] };
    free.delete(ours);
    const path = ours.states.map(({ state }) => state).join(' ');
    const errors = socket.path.flatMap(({ state, at }) => {
      const same = ours.states.find((s) => s.state === state);
      return same === undefined || at === undefined ? [] : [{ state, late: same.at - at }];
    });
    return { socket, ours, equal: visiblePaths(socket).includes(path), errors };
  });
}

/**
 * What a capture can show of a socket, one or more ways. A mini-socket (TIME_WAIT, an orphan's
 * FIN_WAIT_2) ends without a segment, and one that was too short for the kernel's table to be seen in
 * may have been there all the same.
 */
function visiblePaths({ path }: KernelSocket): string[] {
  const states = path.map(({ state }) => state);
  const whole = states.join(' ');
  const [before, last] = path.slice(-2);
  const silentEnd = last?.state === 'CLOSED' && last.at === undefined;
  if (!silentEnd || (before?.state !== 'TIME_WAIT' && before?.state !== 'FIN_WAIT_2')) return [whole];
  const kept = states.slice(0, -1).join(' ');
  if (before.state === 'TIME_WAIT') return [whole, kept];
  return [whole, kept, `${kept} TIME_WAIT`, `${kept} TIME_WAIT CLOSED`];
}

function isSame(p: EndpointPath, { side, local, remote }: KernelSocket): boolean {
  return (
    p.side === side &&
    p.ip === local.ip &&
    p.port === local.port &&
    p.peerIp === remote.ip &&
    p.peerPort === remote.port
  );
}

/** `99.6 % of 259` */
export function share(results: readonly Comparison[]): string {
  const equal = results.filter((r) => r.equal).length;
  return `${((100 * equal) / results.length).toFixed(1)} % of ${results.length}`;
}

/** A FIN that left so much later than close() has waited behind unsent data or a closed window. */
const WAITED_US = 1000;

/**
 * Median and 95th percentile of the errors in time, where the paths are equal. A kernel enters
 * FIN_WAIT_1 or LAST_ACK at close(), also where the FIN has to wait: those are counted apart.
 */
export function timeError(results: readonly Comparison[]): { median: number; p95: number; waited: number } {
  const errors = results.flatMap((r) => (r.equal ? r.errors : []));
  const waited = errors.filter(
    ({ state, late }) => (state === 'FIN_WAIT_1' || state === 'LAST_ACK') && late > WAITED_US,
  );
  const sizes = errors
    .filter((error) => !waited.includes(error))
    .map(({ late }) => Math.abs(late))
    .sort((a, b) => a - b);
  const quantile = (q: number) => sizes[Math.floor((sizes.length - 1) * q)] ?? Number.NaN;
  return { median: quantile(0.5), p95: quantile(0.95), waited: waited.length };
}

/** The line that both comparisons with kernels print. */
export function summaryLine(name: string, near: readonly Comparison[], far: readonly Comparison[]): string {
  const { median, p95, waited } = timeError(near);
  const ms = (us: number) => `${(us / 1000).toFixed(3)} ms`;
  return `${name}: near ${share(near)}, far ${share(far)}, near time error median ${ms(median)}, 95th percentile ${ms(p95)}${waited > 0 ? `, ${waited} FINs that waited behind data apart` : ''}`;
}

/** Every socket whose path differs. */
export function misses(name: string, results: readonly Comparison[]): string[] {
  return results
    .filter((r) => !r.equal)
    .map(({ socket, ours }) => {
      const { local, remote, side, path } = socket;
      return [
        `${name} ${side} ${local.ip}:${local.port} -> ${remote.ip}:${remote.port} flow ${ours?.flow ?? 'none'}`,
        `  kernel ${path.map(({ state }) => state).join(' ')}`,
        `  ours   ${ours?.states.map((s) => `${s.state}(${s.evidence})`).join(' ') ?? ''}`,
      ].join('\n');
    });
}
