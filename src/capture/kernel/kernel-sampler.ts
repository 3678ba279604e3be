import { startThread } from '../base/thread.ts';
import type { KernelSettings } from './kernel-settings.ts';
import type { KernelSocketRow } from './kernel-socket-watch.ts';

/** One reading of the kernel's sockets: when it began, and the rows that are new or have changed since the last. */
export interface KernelSample {
  /** Microseconds since the epoch, by this host's clock. */
  atUs: number;
  rows: KernelSocketRow[];
  /** The host's settings, in the first reading and in one that has all sockets. */
  settings?: KernelSettings;
}

/** To the thread that reads: resend all that stands and the settings, or read a last time and end. */
export type ToSampler = 'all' | 'stop';
/** From it. */
export type FromSampler = KernelSample | 'stopped';

/** Whether this system has a table of sockets to read. */
export const CAN_SAMPLE = process.platform === 'linux';

/** Reads the sockets of this host twice a second, in a thread of its own: there may be a hundred thousand. */
export class KernelSampler {
  readonly #thread = startThread('kernel-sampler-thread');
  #failure: Error | undefined;
  readonly #stopped: Promise<void>;

  /** @param onSample is called for each reading */
  constructor(onSample: (sample: KernelSample) => void) {
    this.#stopped = new Promise((resolve) => {
      this.#thread.on('message', (message: FromSampler) => {
        if (message === 'stopped') resolve();
        else onSample(message);
      });
      this.#thread.on('error', (error) => {
        this.#failure ??= error as Error;
        resolve();
      });
      this.#thread.on('exit', () => resolve());
    });
  }

  /** Why it has ended by itself. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Has the next sample hold the rows of all sockets that stand. */
  resendAll(): void {
    this.#post('all');
  }

  /** Resolves after a last reading, when all samples have been handed on. */
  async stop(): Promise<void> {
    this.#post('stop');
    await this.#stopped;
  }

  #post(message: ToSampler): void {
    this.#thread.postMessage(message);
  }
}
