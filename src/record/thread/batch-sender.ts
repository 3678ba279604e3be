import { setImmediate } from 'node:timers/promises';
import type { BatchArrays, FlowBatch } from '../../flow/format/batch.ts';
import { buffersOf, type FromLane } from './messages.ts';

/** Batches that may wait for the writer's thread before drained() asks for patience. */
const MAX_WAITING = 4;

/** Hands the batches of one lane to the writer's thread, and has their arrays back once they are written. */
export class BatchSender {
  readonly #post: (message: FromLane, transfer: ArrayBuffer[]) => void;
  #waiting = 0;
  #block = 0;
  /** Arrays of batches that are written. */
  readonly #spare: BatchArrays[] = [];
  #failure: Error | undefined;
  /** Callbacks of those who wait for a change. */
  #waiters: (() => void)[] = [];

  /** @param post sends a message to the writer's thread */
  constructor(post: (message: FromLane, transfer: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  /**
   * Hands over a batch, whose arrays belong to the thread from now on. A reader cannot wait here: it
   * awaits drained() at its next chance. Gives the arrays of a batch written before back, to use
   * them again. Throws once writing has failed.
   */
  write(batch: FlowBatch): BatchArrays | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting++;
    const transfer = [...buffersOf(batch), batch.addresses.words.buffer as ArrayBuffer];
    this.#post({ batch, block: this.#block }, transfer);
    return this.#spare.pop();
  }

  /** What comes from now on belongs to this block of the capture; Infinity is beyond its end. */
  reached(block: number): void {
    this.#block = block;
    this.#post({ reached: block }, []);
  }

  /** No batch comes any more. */
  ended(): void {
    this.#post({ ended: true }, []);
  }

  /** Resolves when there is room for a batch, or fewer than `most` wait; rejects once writing has failed. */
  async drained(most = MAX_WAITING): Promise<void> {
    // Messages of the thread are received only between two turns.
    if (this.#waiting > 0) await setImmediate();
    await this.until(() => this.#waiting < most);
  }

  /** Resolves when the condition holds (checked after every message from the writer's thread); rejects if writing failed. */
  async until(isSo: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isSo()) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The thread has written a batch. */
  written(arrays: BatchArrays): void {
    this.#waiting--;
    this.#spare.push(arrays);
    this.wake();
  }

  /** The thread writes no more. The first reason stays. */
  fail(failure: Error): void {
    this.#failure ??= failure;
    this.wake();
  }

  /** A message has come. */
  wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
