import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { KernelSample } from '../capture/kernel-sampler.ts';
import type { BatchArrays, FlowBatch } from '../flow/batch.ts';
import { asStoreError, StoreError } from './error.ts';
import {
  buffersOf,
  type CaptureMessage,
  type FromWriter,
  type ToWriter,
  type WriterData,
} from './messages.ts';

/** Batches that may wait for the writer's thread before drained() asks for patience. */
const MAX_WAITING = 4;

/** Run from the sources (by tests), the thread needs the compiled file. */
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/record/writer-thread.js', import.meta.url)
  : new URL('./writer-thread.js', import.meta.url);

/** The thread that writes a database, as the thread that reads the capture sees it. */
export class Writer {
  readonly #target: string;
  readonly #thread: Worker;
  #waiting = 0;
  #uncommitted = 0;
  /** Arrays of batches that are written. */
  #spare: BatchArrays[] = [];
  #finished = false;
  #failure: StoreError | undefined;
  /** Who waits for something to change. */
  #waiters: (() => void)[] = [];

  /** @param target the database as users know it, for errors */
  constructor(target: string, workerData: WriterData) {
    this.#target = target;
    // A live database is there for others once its tables are.
    if (workerData.kind === 'live') this.#uncommitted++;
    this.#thread = new Worker(THREAD, { workerData });
    this.#thread.on('message', (message: FromWriter) => this.#hear(message));
    this.#thread.on('error', (error) => this.#fail(asStoreError(error, target)));
    this.#thread.on('exit', () => {
      if (!this.#finished) this.#fail(new StoreError(target, 'the thread that writes it has stopped'));
    });
  }

  /** Why nothing more can be written. */
  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /**
   * Hands over a batch, whose arrays belong to the thread from now on. A reader cannot wait here: it
   * awaits drained() at its next chance. Gives the arrays of a batch written before back, to use
   * them again. Throws the StoreError once writing has failed.
   */
  write(batch: FlowBatch): BatchArrays | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting++;
    this.#thread.postMessage({ batch } satisfies ToWriter, [
      ...buffersOf(batch),
      batch.addresses.words.buffer as ArrayBuffer,
    ]);
    return this.#spare.pop();
  }

  /** Resolves when there is room for a batch, or fewer than `most` wait; rejects with the StoreError once writing has failed. */
  async drained(most = MAX_WAITING): Promise<void> {
    // What the thread has said is heard only between two turns.
    if (this.#waiting > 0) await setImmediate();
    await this.#until(() => this.#waiting < most);
  }

  /** Adds a reading of the kernel's sockets to a live database. */
  kernel(sample: KernelSample): void {
    this.#say({ kernel: sample });
  }

  /** Makes what was written visible to others; see `settled`. */
  commit(captures: readonly CaptureMessage[], nowUs: number): void {
    this.#uncommitted++;
    this.#say({ commit: captures, nowUs });
  }

  /** Resolves when all commits are made. */
  async settled(): Promise<void> {
    await this.#until(() => this.#uncommitted === 0);
  }

  /** Ends the run, and resolves when all is written. */
  async finish(captures: readonly CaptureMessage[], nowUs = Number.NaN): Promise<void> {
    this.#say({ finish: captures, nowUs });
    await this.#until(() => this.#finished);
  }

  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }

  #say(message: ToWriter): void {
    this.#thread.postMessage(message);
  }

  #hear(message: FromWriter): void {
    if (typeof message === 'object' && 'written' in message) {
      this.#waiting--;
      this.#spare.push(message.written);
    } else if (message === 'committed') this.#uncommitted--;
    else if (message === 'finished') this.#finished = true;
    else
      this.#failure ??= asStoreError(
        Object.assign(new Error(message.message), { code: message.code }),
        this.#target,
      );
    this.#wake();
  }

  #fail(failure: StoreError): void {
    this.#failure ??= failure;
    this.#wake();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isSo()) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
