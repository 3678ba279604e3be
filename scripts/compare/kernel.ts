// Compares the paths of both ends with what the kernels did, for captures taken at two hosts:
//   npx tsx scripts/compare/kernel.ts FOLDER [--diff]
// FOLDER holds client.pcap, server.pcap and expect.json (sockets with the kernel's transitions).
// One line: paths equal near the capture and far from it, and the near end's error in time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EndpointPath, readPaths, withDatabase } from './database.ts';

/** One life of a socket, as the kernel reports it. */
interface Socket {
  side: 'client' | 'server';
  local: string;
  lport: number;
  remote: string;
  rport: number;
  /** State, epoch seconds, and the state before. */
  path: [string, number, string?][];
  orphan_fw2?: object;
}

interface Result {
  socket: Socket;
  kernel: string[];
  ours: EndpointPath | undefined;
  path: string[];
  /** Differences in time of the states both have, microseconds. */
  errors: number[];
}

/** What the kernel went through, as a capture can show it: an orphan's mini-socket is still FIN_WAIT_2. */
function kernelPath(socket: Socket): string[] {
  const states = socket.path.map(([state]) => state);
  if (socket.orphan_fw2 && states.at(-1) === 'CLOSED') states.pop();
  return states;
}

/** Our path without what a kernel's trace does not have: SYN_SENT's entry, and the end of a mini-socket. */
function comparable(path: EndpointPath, socket: Socket): string[] {
  const states = path.states.map(({ state }) => state as string).filter((state) => state !== 'SYN_SENT');
  const before = states.at(-2);
  const mini = before === 'TIME_WAIT' || (before === 'FIN_WAIT_2' && socket.orphan_fw2);
  if (states.at(-1) === 'CLOSED' && mini) states.pop();
  return states;
}

function compare(sockets: Socket[], paths: EndpointPath[]): Result[] {
  const free = new Set(paths);
  return sockets.map((socket) => {
    const start = (socket.path[0]?.[1] ?? 0) * 1e6;
    const distance = (p: EndpointPath) => Math.abs(p.firstUs - start);
    const ours = [...free]
      .filter(
        (p) =>
          p.ip === socket.local &&
          p.port === socket.lport &&
          p.peerIp === socket.remote &&
          p.peerPort === socket.rport,
      )
      .sort((a, b) => distance(a) - distance(b))[0];
    if (ours) free.delete(ours);
    const kernel = kernelPath(socket);
    const path = ours ? comparable(ours, socket) : [];
    const errors = socket.path.flatMap(([state, at]) => {
      const same = ours?.states.find((s) => s.state === state);
      return same && path.includes(state) ? [Math.abs(same.at - at * 1e6)] : [];
    });
    return { socket, kernel, ours, path, errors };
  });
}

const isEqual = (r: Result): boolean => r.kernel.join() === r.path.join();
const percent = (results: Result[]): string =>
  `${((100 * results.filter(isEqual).length) / results.length).toFixed(1)} % of ${results.length}`;

function quantile(sorted: number[], q: number): string {
  return `${((sorted[Math.floor((sorted.length - 1) * q)] ?? Number.NaN) / 1000).toFixed(3)} ms`;
}

const [folder, flag] = process.argv.slice(2);
if (!folder) throw new Error('usage: kernel.ts FOLDER [--diff]');
const { sockets } = JSON.parse(readFileSync(join(folder, 'expect.json'), 'utf8')) as { sockets: Socket[] };
const near: Result[] = [];
const far: Result[] = [];
for (const end of ['client', 'server'] as const) {
  const paths = await withDatabase([join(folder, `${end}.pcap`)], readPaths);
  near.push(
    ...compare(
      sockets.filter((s) => s.side === end),
      paths.filter((p) => p.side === end),
    ),
  );
  far.push(
    ...compare(
      sockets.filter((s) => s.side !== end),
      paths.filter((p) => p.side !== end),
    ),
  );
}
const errors = near
  .filter(isEqual)
  .flatMap((r) => r.errors)
  .sort((a, b) => a - b);
console.log(
  `kernel: near ${percent(near)}, far ${percent(far)}, near time error median ${quantile(errors, 0.5)}, 95th percentile ${quantile(errors, 0.95)}`,
);
if (flag === '--diff') {
  for (const [name, results] of [
    ['near', near],
    ['far', far],
  ] as const) {
    for (const r of results.filter((r) => !isEqual(r))) {
      const { local, lport, remote, rport } = r.socket;
      console.log(`${name} ${local}:${lport} -> ${remote}:${rport} flow ${r.ours?.flow ?? 'none'}`);
      console.log(`  kernel ${r.kernel.join(' ')}`);
      console.log(`  ours   ${r.ours?.states.map((s) => `${s.state}(${s.evidence})`).join(' ')}`);
    }
  }
}
