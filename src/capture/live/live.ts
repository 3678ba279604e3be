import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { capArgs } from './live-cap.ts';
import { type Exit, LiveChild } from './live-child.ts';
import { cannotRun, captureEnd, type LiveEnd, startError } from './live-end.ts';
import { LiveError, type Via } from './live-error.ts';
import { DEFAULT_FILTER } from './live-filter.ts';
import {
  countsTwice,
  type Losses,
  lastCounts,
  lossesOf,
  SNAP_LENGTH,
  stopTcpdump,
  type TcpdumpStop,
  tcpdumpArgs,
  tcpdumpBegins,
  tcpdumpCounts,
} from './live-tcpdump.ts';
import { sudoUser } from './live-user.ts';

export interface LiveOptions {
  /** By default tcpdump where it is installed and permitted, else cap. */
  via?: Via | undefined;
  /** A BPF expression as tcpdump takes it; empty for everything. Default DEFAULT_FILTER. */
  filter?: string | undefined;
  /** Bytes kept of a frame. Default SNAP_LENGTH. */
  snapLength?: number | undefined;
}

/** Packets as they come, from a process of its own. */
export interface LiveSource {
  readonly via: Via;
  /** Why cap was chosen, if nobody asked for it. */
  readonly whyCap: string | undefined;
  readonly pid: number | undefined;
  /** A pcap stream, to be read as one from standard input. */
  readonly stream: Readable;
  /** How the capture ended; never rejects. The stream may still hold what came before. */
  readonly ended: Promise<LiveEnd>;
  /** Why no packet comes just now, in words; undefined if nothing is known to be in the way. */
  stalled(): string | undefined;
  /** Ends the capture. All that was on the wire before comes out of the stream, if it is read, which then ends. */
  stop(): Promise<void>;
  /**
   * What was lost until now or, when the stream has ended, until the end, by when `read` packets have come out of
   * it; undefined if nobody knows: cap does not count, nor does a tcpdump that was killed.
   */
  losses(read: number): Promise<Losses | undefined>;
}

/** The longest a child may take to hand over what it has. */
const STOP_MS = 15_000;
/** One that stays stopped for this long, and is not continued by SIGCONT, is killed; one that cannot be killed is given up. */
const STUCK_MS = 1000;
const KILL_MS = 500;
const LOOK_MS = 100;

/**
 * Begins to capture on a device; resolves when the capture runs and the pcap header has arrived.
 * @throws LiveError if it cannot: no rights, no such device, a bad filter, a program is missing
 */
export async function openLive(device: string, options: LiveOptions = {}): Promise<LiveSource> {
  const { via } = options;
  if (via !== undefined) return openVia(via, device, options);
  try {
    return await openVia('tcpdump', device, options);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    try {
      return await openVia('cap', device, options, error.message);
    } catch (ofCap) {
      // If nothing is installed, tcpdump is what to install.
      throw isUnavailable(ofCap) && ofCap.problem === 'missing' ? error : ofCap;
    }
  }
}

/** Whether another way to capture may do: the program is missing, or it lacks permission. */
function isUnavailable(error: unknown): error is LiveError {
  return error instanceof LiveError && ['missing', 'permission'].includes(error.problem);
}

async function openVia(
  via: Via,
  device: string,
  { filter = DEFAULT_FILTER, snapLength = SNAP_LENGTH }: LiveOptions,
  whyCap?: string,
): Promise<LiveSource> {
  const user = sudoUser();
  const child =
    via === 'cap'
      ? new LiveChild(process.execPath, capArgs({ device, filter, snapLength, user }))
      : new LiveChild('tcpdump', tcpdumpArgs(device, filter, snapLength, user?.name));
  const begun = await (via === 'cap' ? child.begins() : tcpdumpBegins(child)).catch((error) => {
    throw cannotRun(via, error);
  });
  if (!begun) throw startError(await child.exited, { via, device, filter, stderr: child.stderr });
  return new RunningCapture(child, { via, whyCap, device });
}

class RunningCapture implements LiveSource {
  readonly via: Via;
  readonly whyCap: string | undefined;
  readonly ended: Promise<LiveEnd>;
  readonly #child: LiveChild;
  #stopping: Promise<void> | undefined;
  #isStuck = false;
  #abandon = () => {};
  readonly #device: string;
  #stopped: TcpdumpStop | undefined;
  #exit: Exit | undefined;

  constructor(
    child: LiveChild,
    { via, whyCap, device }: { via: Via; whyCap: string | undefined; device: string },
  ) {
    this.via = via;
    this.whyCap = whyCap;
    this.#device = device;
    this.#child = child;
    const stuck: LiveEnd = {
      reason: 'killed',
      message: `${via} was stopped, did not go on and was killed: what it held is lost`,
    };
    const ended = child.exited.then((exit): LiveEnd => {
      this.#exit = exit;
      if (this.#isStuck) return stuck;
      if (this.#stopping !== undefined) return { reason: 'stopped', message: 'the capture was stopped' };
      return captureEnd(exit, { via, device, stderr: child.stderr });
    });
    const abandoned = new Promise<LiveEnd>((resolve) => {
      this.#abandon = () => {
        child.abandon();
        resolve(stuck);
      };
    });
    this.ended = Promise.race([ended, abandoned]);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  stalled(): string | undefined {
    const { pid, isStopped } = this.#child;
    return isStopped
      ? `${this.via} is stopped and takes no packets; kill -CONT ${pid} has it go on`
      : undefined;
  }

  get stream(): Readable {
    return this.#child.stream;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    // What was captured meanwhile is still in the kernel.
    if (child.isStopped) child.kill('SIGCONT');
    if (this.via === 'cap') child.closeInput();
    else this.#stopped = await stopTcpdump(child);
    const until = performance.now() + STOP_MS;
    for (let stoppedMs = 0; performance.now() < until && stoppedMs < STUCK_MS; ) {
      if (await this.#endsWithin(LOOK_MS)) return;
      stoppedMs = child.isStopped ? stoppedMs + LOOK_MS : 0;
    }
    this.#isStuck = true;
    child.kill('SIGKILL');
    if (!(await this.#endsWithin(KILL_MS))) this.#abandon();
  }

  async #endsWithin(ms: number): Promise<boolean> {
    return Promise.race([this.ended.then(() => true), sleep(ms, false, { ref: false })]);
  }

  async losses(read: number): Promise<Losses | undefined> {
    if (this.via === 'cap') return undefined;
    const child = this.#child;
    // Its last words, which come with its end, count all.
    if (child.stream.readableEnded) await this.ended;
    const now = this.#exit === undefined ? await tcpdumpCounts(child) : undefined;
    if (now !== undefined)
      return { dropped: now.dropped, unread: 0, countedTwice: countsTwice(this.#device) };
    const last = this.#exit?.signal === null ? lastCounts(child.stderr) : undefined;
    return last && lossesOf(this.#device, last, { read, stop: this.#stopped });
  }
}
