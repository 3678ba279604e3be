import { PassThrough, type Readable } from 'node:stream';
import { LiveError, type Via } from '../capture/live/live-error.ts';
import type { Losses } from '../capture/live/live-tcpdump.ts';

/** A device or a stream, whichever the packets come from. */
export interface Source {
  via: Via | 'stream';
  /** Why cap was chosen, if nobody asked for it. */
  whyCap?: string | undefined;
  stream: Readable;
  stop: () => Promise<void>;
  /** Why it ended if nobody asked for that. */
  fault: () => Promise<string | undefined>;
  /** See LiveSource.stalled. */
  stalled: () => string | undefined;
  /** See LiveSource.losses. */
  losses: (read: number) => Promise<Losses | undefined>;
}

/** Begins to capture on a device, or takes standard input where its name is `-`. Throws LiveError if it cannot. */
export async function openSource(
  name: string,
  { via, filter, snapLength }: { via?: Via; filter: string; snapLength: number },
): Promise<Source> {
  if (name === '-') {
    if (process.stdin.isTTY)
      throw new LiveError('usage', 'standard input is a terminal; pipe packets into it, or name a device');
    return streamSource(process.stdin);
  }
  const { openLive } = await import('../capture/live/live.ts');
  const source = await openLive(name, { via, filter, snapLength });
  return {
    via: source.via,
    whyCap: source.whyCap,
    stream: source.stream,
    stop: () => source.stop(),
    fault: async () => {
      const { reason, message } = await source.ended;
      return reason === 'stopped' ? undefined : message;
    },
    stalled: () => source.stalled(),
    losses: (read) => source.losses(read),
  };
}

/** Standard input, which can be left before its end. */
function streamSource(input: Readable): Source {
  const stream = input.pipe(new PassThrough());
  input.on('error', (error) => stream.destroy(error));
  return {
    via: 'stream',
    stream,
    stop: async () => {
      input.unpipe(stream);
      input.destroy();
      stream.end();
    },
    fault: async () => undefined,
    stalled: () => undefined,
    losses: async () => undefined,
  };
}
