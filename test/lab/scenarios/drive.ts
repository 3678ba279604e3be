import { Random } from '../../../scripts/generate/random.ts';
import type { Lab } from '../lab.ts';
import { seconds } from '../run.ts';
import { type Witnessed, witness } from '../truth/witness.ts';
import { KINDS, type Kind } from './kinds.ts';
import { Player } from './play.ts';

// Many connections of every kind at once, for a comparison of an analyzer with the kernels.

export interface DriveOptions {
  /** The same seed gives the same plan; what loss and timing make of it differs from run to run. */
  seed: number;
  connections: number;
  /** Per cent of segments lost in the router, each way. */
  loss: number;
  /** Which addresses the connections use; `mixed` draws for each. */
  family: 'v4' | 'v6' | 'mixed';
  /** See WitnessOptions. */
  folder: string;
  /** See NetworkOptions. */
  subnet: number;
  /** Limit of the link in kilobits a second: a slow one lets segments cross. None where absent. */
  kbit?: number;
  /** Connections at the same time. */
  concurrency?: number;
  /** How many times longer than usual a connection waits between its steps. */
  pace?: number;
  /** See WitnessOptions. */
  settle?: number;
  /** Started before the first connection; what it returns ends it when all has come to rest. */
  beside?: (lab: Lab) => Promise<() => Promise<void>>;
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
export interface Drive extends Witnessed {
  connections: DrivenConnection[];
}

/** Builds a lab, drives connections through it and takes it down; needs root. */
export async function drive(options: DriveOptions): Promise<Drive> {
  const { seed, folder, subnet, loss, kbit, concurrency = 25, settle = 4 } = options;
  const random = new Random(seed);
  const plan = Array.from({ length: options.connections }, (_, i) => planOf(i, random, options));
  const connections: DrivenConnection[] = [];
  const witnessed = await witness({ folder, subnet, settle: 0 }, async (lab) => {
    const endBeside = await options.beside?.(lab);
    if (loss > 0) lab.router.drop({ from: 'both', flags: 'any', percent: loss });
    if (kbit !== undefined) lab.router.slow(kbit);
    const player = new Player(lab);
    const worker = async (): Promise<void> => {
      for (let next = plan.shift(); next !== undefined; next = plan.shift()) {
        connections.push(await playOne(player, next));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    await seconds(settle);
    await endBeside?.();
  });
  return { ...witnessed, connections };
}

interface Plan {
  conn: string;
  kind: Kind;
  random: Random;
  ipv6: boolean;
  pace: number;
}

/** Each connection draws from its own generator, so that concurrency does not change the plan. */
function planOf(i: number, random: Random, { family, pace = 1 }: DriveOptions): Plan {
  const kind = random.pick(Object.keys(KINDS) as Kind[]);
  const ipv6 = family === 'v6' || (family === 'mixed' && random.chance(0.5));
  return { conn: `${i}`, kind, ipv6, pace, random: new Random(random.bits()) };
}

async function playOne(player: Player, { kind, ...draw }: Plan): Promise<DrivenConnection> {
  const failed = await player.play(KINDS[kind](draw)).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { kind, port: player.client(draw.conn).port, failed };
}
