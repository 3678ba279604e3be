import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { startThread } from '../../capture/base/thread.ts';
import type { KernelSample } from '../../capture/kernel/kernel-sampler.ts';
import type { BatchArrays, FlowBatch } from '../../flow/format/batch.ts';
import { asStoreError, StoreError } from '../files/error.ts';
import type { CaptureMessage } from '../rows/capture-row.ts';
import { BatchSender } from './batch-sender.ts';
import type { FromWriter, ToWriter, WriterData } from './messages.ts';

/** The thread that writes a database, as the thread that reads the capture sees it. */
export class Writer {
  readonly #target: string;
  readonly #thread: Worker;
  readonly #sender: BatchSender;
  #uncommitted = 0;
  #finished = false;
  #failure: Error | undefined;

  /** @param target the database as users know it, for errors */
  constructor(target: string, workerData: WriterData) {
    this.#target = target;
    // A live database is there for others once its tables are.
    if (workerData.kind === 'live') this.#uncommitted++;
    this.#thread = startThread('writer-thread', { workerData });
    this.#sender = new BatchSender((message, transfer) => this.#thread.postMessage(message, transfer));
    this.#thread.on('message', (message: FromWriter) => this.#receive(message));
    this.#thread.on('error', (error) => this.#fail(asStoreError(error, target)));
    this.#thread.on('exit', () => {
      if (!this.#finished) this.#fail(new StoreError(target, 'the thread that writes it has stopped'));
    });
  }

  /** Why nothing more can be written. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** A way into the thread for another lane of the same capture, whose batches take turns with those of write(). */
  lane(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#thread.postMessage({ lane: port2 } satisfies ToWriter, [port2]);
    return port1;
  }

  /** Hands over a batch, as BatchSender.write does. */
  write(batch: FlowBatch): BatchArrays | undefined {
    return this.#sender.write(batch);
  }

  /** See BatchSender.reached: only where there are several lanes. */
  reached(block: number): void {
    this.#sender.reached(block);
  }

  /** See BatchSender.ended: only where there are several lanes. */
  ended(): void {
    this.#sender.ended();
  }

  /**
   * Resolves when there is room for a batch, or fewer than `most` wait; rejects with the StoreError once
   * writing has failed.
   */
  drained(most?: number): Promise<void> {
    return this.#sender.drained(most);
  }

  /** Rejects with the StoreError once writing has failed, and does nothing else. */
  async failed(): Promise<never> {
    await this.#sender.until(() => false);
    throw new Error('unreachable');
  }

  /** Adds a reading of the kernel's sockets to a live database. */
  kernel(sample: KernelSample): void {
    this.#post({ kernel: sample });
  }

  /** Makes what was written visible to others; see `settled`. */
  commit(captures: readonly CaptureMessage[], nowUs: number): void {
    this.#uncommitted++;
    this.#post({ commit: captures, nowUs });
  }

  /** Resolves when all commits are made. */
  async settled(): Promise<void> {
    await this.#sender.until(() => this.#uncommitted === 0);
  }

  /** Ends the run, and resolves when all is written. */
  async finish(captures: readonly CaptureMessage[], nowUs = Number.NaN): Promise<void> {
    this.#post({ finish: captures, nowUs });
    await this.#sender.until(() => this.#finished);
  }

  /** Stops the thread, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }

  #post(message: ToWriter): void {
    this.#thread.postMessage(message);
  }

  #receive(message: FromWriter): void {
    if (typeof message === 'object' && 'written' in message) this.#sender.written(message.written);
    else if (message === 'committed') this.#uncommitted--;
    else if (message === 'finished') this.#finished = true;
    else this.#fail(new StoreError(this.#target, message.message, message.code));
    this.#sender.wake();
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#sender.fail(failure);
    void this.terminate();
  }
}
