import { DEFAULT_FILTER } from '../../src/capture/live/live-filter.ts';
import { type Program, startProgram } from './network/host.ts';
import { startNat } from './network/nat.ts';
import { type Network, type NetworkOptions, openNetwork, type Place, type Side } from './network/network.ts';
import { RealHost } from './network/real-host.ts';
import { type Router, routerOf } from './network/router.ts';
import { startTcpdump, type Tcpdump } from './network/tcpdump.ts';
import { startTrunk } from './network/trunk.ts';
import type { RealProgram } from './programs/real.ts';
import { Cleanup, run } from './run.ts';
import { type Truth, watchKernels } from './truth/watch.ts';

/** The port the server's program listens on. */
export const SERVER_PORT = 8080;
/** A port on which nobody listens. */
export const CLOSED_PORT = 8081;
/** The ports of services, which answer and close by themselves. */
export const SERVICE_PORTS = [9001, 9002, 9003, 9004] as const;

/** The clock of the client's second address is an hour behind, where a trunk can make it so. */
const SECOND_CLOCK_MS = -3_600_000;

export interface CaptureOptions {
  /** All devices of the host at once (link type SLL2), and all protocols. */
  any?: boolean;
  /** Instead of that of `finwait live`. */
  filter?: string;
  nanoseconds?: boolean;
}

/** A network with a program at each end, a router between them that can do harm, and witnesses. */
export interface Lab {
  network: Network;
  router: Router;
  programs: Record<Side, Program>;
  /** Runs a real program at an end: see RealHost. */
  run(side: Side, program: RealProgram): Promise<void>;
  /** Starts a capture; frames on the trunk are tagged. */
  capture(place: Place, path: string, options?: CaptureOptions): Promise<Tcpdump>;
  /** Watches both kernels, looking at their socket tables every `interval` seconds. */
  watch(interval: number): { stop(): Promise<Truth> };
  /** Takes everything down; also happens when the process ends or is interrupted. */
  close(): void;
}

/** What the lab needs of the machine and does not find; empty where it can run. */
export function missingForLab(): string[] {
  const programs = ['ip', 'ss', 'nft', 'tc', 'tcpdump', 'perl', 'bash', 'sysctl'];
  const missing = programs.filter((program) => !run('sh', ['-c', `command -v ${program} || true`]));
  return process.getuid?.() === 0 ? missing : ['root', ...missing];
}

/** Builds the network and starts the programs; needs root. */
export async function openLab(options: NetworkOptions): Promise<Lab> {
  const cleanup = new Cleanup();
  try {
    return await build(options, cleanup);
  } catch (error) {
    cleanup.run();
    throw error;
  }
}

const DEVICES: Record<Place, string> = { client: 'eth0', server: 'eth0', router: 'client0', trunk: 'trunk0' };

async function build(options: NetworkOptions, cleanup: Cleanup): Promise<Lab> {
  const network = openNetwork(options, cleanup);
  const { namespaces, addresses } = network;
  if (options.trunk) {
    const other = options.nat ? { ip: addresses.client.second, aheadMs: SECOND_CLOCK_MS } : undefined;
    await startTrunk(namespaces.trunk, cleanup, other);
  }
  if (options.nat) startNat(network);
  const programs = {
    client: startProgram(namespaces.client, cleanup),
    server: startProgram(namespaces.server, cleanup),
  };
  for (const ip of [addresses.server.v4, addresses.server.v6]) {
    await programs.server.do({ do: 'listen', at: { ip, port: SERVER_PORT } });
  }
  const real = new RealHost(addresses.server.v4, cleanup);
  return {
    network,
    router: routerOf(network),
    programs,
    run: (side, program) => real.run(namespaces[side], program),
    capture: (place, path, { any = false, nanoseconds = false, filter = '' } = {}) =>
      startTcpdump(
        {
          namespace: namespaces[place],
          device: any ? 'any' : DEVICES[place],
          path,
          filter: filter || (any ? '' : place === 'trunk' ? 'vlan and tcp' : DEFAULT_FILTER),
          nanoseconds,
        },
        cleanup,
      ),
    watch: (interval) =>
      watchKernels(network, [SERVER_PORT, CLOSED_PORT, ...SERVICE_PORTS], interval, cleanup),
    close: () => cleanup.run(),
  };
}
