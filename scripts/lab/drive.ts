import { join } from 'node:path';
import { KINDS, type Kind } from './kinds.ts';
import { openLab } from './lab.ts';
import { Player } from './play.ts';
import { pick, type Random, seeded } from './random.ts';
import { seconds } from './run.ts';
import type { Truth } from './watch.ts';

// Many connections of every kind at once, for a comparison of an analyzer with the kernels.

export interface DriveOptions {
  /** The same seed gives the same plan; what loss and timing make of it differs from run to run. */
  seed: number;
  connections: number;
  /** Per cent of segments lost in the router, each way. */
  loss: number;
  /** Which addresses the connections use; `mixed` draws for each. */
  family: 'v4' | 'v6' | 'mixed';
  /** Where `client.pcap` and `server.pcap` go. */
  folder: string;
  /** See NetworkOptions. */
  subnet: number;
  /** Limit of the link in kilobits a second: a slow one lets segments cross. None where absent. */
  kbit?: number;
  /** Connections at the same time. */
  concurrency?: number;
  /** Seconds at the end in which retransmissions come to rest. */
  settle?: number;
}

/** What was tried on one connection. */
export interface DrivenConnection {
  kind: Kind;
  /** The client's port. */
  port: number;
  /** Why its steps were not played to the end (loss makes some wait in vain), if they were not. */
  failed: string | undefined;
}

/** The two captures of a drive and what the kernels did meanwhile. */
export interface Drive {
  captures: { client: string; server: string };
  truth: Truth;
  connections: DrivenConnection[];
}

/** Builds a lab, drives connections through it and takes it down; needs root. */
export async function drive(options: DriveOptions): Promise<Drive> {
  const { seed, folder, subnet, loss, kbit, concurrency = 25, settle = 4 } = options;
  const lab = await openLab({ subnet });
  try {
    if (loss > 0) lab.router.drop({ from: 'both', flags: 'any', percent: loss });
    if (kbit !== undefined) lab.router.slow(kbit);
    const captures = { client: join(folder, 'client.pcap'), server: join(folder, 'server.pcap') };
    const taking = await Promise.all([
      lab.capture('client', captures.client),
      lab.capture('server', captures.server),
    ]);
    const watch = lab.watch(0.1);

    const random = seeded(seed);
    const plan = Array.from({ length: options.connections }, (_, i) => planOf(i, random, options));
    const player = new Player(lab);
    const connections: DrivenConnection[] = [];
    const worker = async (): Promise<void> => {
      for (let next = plan.shift(); next !== undefined; next = plan.shift()) {
        connections.push(await playOne(player, next));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    await seconds(settle);

    await Promise.all(taking.map((capture) => capture.stop()));
    return { captures, truth: await watch.stop(), connections };
  } finally {
    lab.close();
  }
}

interface Plan {
  conn: string;
  kind: Kind;
  random: Random;
  ipv6: boolean;
}

/** Each connection draws from its own generator, so that concurrency does not change the plan. */
function planOf(i: number, random: Random, { family }: DriveOptions): Plan {
  const kind = pick(random, Object.keys(KINDS) as Kind[]);
  const ipv6 = family === 'v6' || (family === 'mixed' && random() < 0.5);
  return { conn: `${i}`, kind, ipv6, random: seeded(Math.floor(random() * 2 ** 32)) };
}

async function playOne(player: Player, { conn, kind, random, ipv6 }: Plan): Promise<DrivenConnection> {
  const failed = await player.play(KINDS[kind]({ conn, random, ipv6 })).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { kind, port: player.client(conn).port, failed };
}
