import type { Network, Side } from '../network/network.ts';
import type { Cleanup } from '../run.ts';
import { readClocks, toEpoch } from './clock.ts';
import { type Poll, watchSockets } from './sockets.ts';
import { startTrace } from './trace.ts';
import { type SocketTruth, truthOf } from './truth.ts';

/** The kernels' account of a recording, times in epoch microseconds. */
export interface Truth {
  /** The life of every socket, in order of birth. */
  sockets: SocketTruth[];
  /** When any socket of the two changed its state, as traced. */
  changes_us: number[];
  /** What the socket tables showed, look by look. */
  polls: Record<Side, Poll[]>;
  /** When watching ended. */
  until_us: number;
}

/**
 * Watches the kernels of both ends, with a look at their socket tables every `interval` seconds,
 * and tells after `stop()` what became of every socket with one of `ports` at either end.
 */
export function watchKernels(
  { namespaces, addresses, nat }: Network,
  ports: readonly number[],
  interval: number,
  cleanup: Cleanup,
): { stop(): Promise<Truth> } {
  const trace = startTrace(namespaces.router, ports, cleanup);
  const start = readClocks();
  const watching = [watchSockets(namespaces.client, interval), watchSockets(namespaces.server, interval)];
  return {
    async stop() {
      const traced = trace.stop();
      const [client = [], server = []] = await Promise.all(watching.map((each) => each.stop()));
      const end = readClocks();
      const epoch = toEpoch(start, end);
      const shift = (poll: Poll): Poll => ({ ...poll, from: epoch(poll.from), to: epoch(poll.to) });
      const sides = new Map([
        [addresses.client.v4, 'client' as const],
        [addresses.client.v6, 'client' as const],
        [addresses.client.second, 'client' as const],
        [addresses.server.v4, 'server' as const],
        [addresses.server.v6, 'server' as const],
      ]);
      const polls = { client: client.map(shift), server: server.map(shift) };
      const events = traced.map((event) => ({ ...event, at: epoch(event.at) }));
      const sockets = truthOf({
        events,
        polls,
        sideOf: (address) => sides.get(address),
      });
      // Behind NAT the two ends know a connection by different addresses: the server's count.
      for (const { side, local } of sockets) {
        if (nat && side === 'client') local.ip = addresses.behindNat;
      }
      return { sockets, changes_us: events.map(({ at }) => at), polls, until_us: epoch(end.at) };
    },
  };
}
