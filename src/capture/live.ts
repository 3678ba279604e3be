import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { capWords } from './live-cap.ts';
import { type Exit, LiveChild } from './live-child.ts';
import { cannotRun, howItEnded, type LiveEnd, whyItFailed } from './live-end.ts';
import {
  type KernelDrops,
  lastCounts,
  stopTcpdump,
  tcpdumpBegins,
  tcpdumpCounts,
  tcpdumpWords,
} from './live-tcpdump.ts';
import { sudoUser } from './live-user.ts';

/** What captures: the package cap, or the program tcpdump, which stamps and counts as the kernel does. */
export type Via = 'cap' | 'tcpdump';

export interface LiveOptions {
  /** Default cap. */
  via?: Via | undefined;
  /** A BPF expression as tcpdump takes it; empty for everything. Default tcp. */
  filter?: string | undefined;
  /** Bytes kept of a frame. Default SNAP_LENGTH. */
  snapLength?: number | undefined;
}

/** Enough for Ethernet with a tag, IPv6 and TCP with all options, or SLL2 and the same. */
export const SNAP_LENGTH = 128;

/** Packets as they come, from a process of its own. */
export interface LiveSource {
  readonly via: Via;
  readonly pid: number | undefined;
  /** A pcap stream, to be read as one from standard input. */
  readonly stream: Readable;
  /** How the capture ended; never rejects. The stream may still hold what came before. */
  readonly ended: Promise<LiveEnd>;
  /** Ends the capture. All that was on the wire before comes out of the stream, if it is read, which then ends. */
  stop(): Promise<void>;
  /** What the kernel counts, now or at the end; undefined where nobody knows (cap). */
  drops(): Promise<KernelDrops | undefined>;
}

/** The longest a child may take to hand over what it has. */
const STOP_MS = 15_000;

/**
 * Begins to capture on a device; resolves when the capture runs and the pcap header has arrived.
 * @throws LiveError where it cannot: no rights, no such device, a bad filter, a program is missing
 */
export async function openLive(device: string, options: LiveOptions = {}): Promise<LiveSource> {
  const { via = 'cap', filter = 'tcp', snapLength = SNAP_LENGTH } = options;
  const user = sudoUser();
  const child =
    via === 'cap'
      ? new LiveChild(process.execPath, capWords({ device, filter, snapLength, user }))
      : new LiveChild('tcpdump', tcpdumpWords(device, filter, snapLength, user?.name));
  const begun = await (via === 'cap' ? child.begins() : tcpdumpBegins(child)).catch((error) => {
    throw cannotRun(via, error);
  });
  if (!begun) throw whyItFailed(await child.exited, { via, device, filter, said: child.said });
  return new RunningCapture(child, via, device);
}

class RunningCapture implements LiveSource {
  readonly via: Via;
  readonly ended: Promise<LiveEnd>;
  readonly #child: LiveChild;
  #stopping: Promise<void> | undefined;
  #exit: Exit | undefined;

  constructor(child: LiveChild, via: Via, device: string) {
    this.via = via;
    this.#child = child;
    this.ended = child.exited.then((exit) => {
      this.#exit = exit;
      if (this.#stopping !== undefined) return { reason: 'stopped', message: 'the capture was stopped' };
      return howItEnded(exit, { via, device, said: child.said });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stream(): Readable {
    return this.#child.stream;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.via === 'cap') this.#child.closeInput();
    else await stopTcpdump(this.#child);
    await Promise.race([this.ended, sleep(STOP_MS, undefined, { ref: false })]);
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async drops(): Promise<KernelDrops | undefined> {
    if (this.via === 'cap') return undefined;
    const child = this.#child;
    const counts = this.#exit === undefined ? await tcpdumpCounts(child) : undefined;
    const known = counts ?? lastCounts(child.said);
    return known && { received: known.received, dropped: known.dropped };
  }
}
