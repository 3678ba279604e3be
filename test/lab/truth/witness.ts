import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, openLab } from '../lab.ts';
import type { NetworkOptions } from '../network/network.ts';
import { seconds } from '../run.ts';
import { countStates } from './sockets.ts';
import type { Truth } from './watch.ts';

/** What both captures and both kernels tell of the same connections. */
export interface Witnessed {
  captures: { client: string; server: string };
  truth: Truth;
}

export interface WitnessOptions extends NetworkOptions {
  /** Where `client.pcap`, `server.pcap` and `looks.jsonl`, the counts of the socket tables, go. */
  folder: string;
  /** Seconds at the end in which retransmissions come to rest. */
  settle: number;
}

/** Builds a lab, watches what `play` does in it from both ends, and takes it down; needs root. */
export async function witness(
  { folder, settle, ...network }: WitnessOptions,
  play: (lab: Lab) => Promise<void>,
): Promise<Witnessed> {
  const lab = await openLab(network);
  try {
    const captures = { client: join(folder, 'client.pcap'), server: join(folder, 'server.pcap') };
    const taking = await Promise.all([
      lab.capture('client', captures.client),
      lab.capture('server', captures.server),
    ]);
    const watch = lab.watch(0.1);
    await play(lab);
    await seconds(settle);
    await Promise.all(taking.map((capture) => capture.stop()));
    const truth = await watch.stop();
    writeFileSync(join(folder, 'looks.jsonl'), looksOf(truth));
    return { captures, truth };
  } finally {
    lab.close();
  }
}

function looksOf({ polls }: Truth): string {
  const lines = (['client', 'server'] as const).flatMap((side) =>
    polls[side].map((poll) => {
      const counts = [...countStates(poll)].map(([ip, states]) => [ip, Object.fromEntries(states)]);
      const look = { side, from_us: poll.from, to_us: poll.to, counts: Object.fromEntries(counts) };
      return `${JSON.stringify(look)}\n`;
    }),
  );
  return lines.join('');
}
