import { rmSync, statSync } from 'node:fs';
import type { KernelSample } from '../../capture/kernel/kernel-sampler.ts';
import type { BatchArrays, FlowBatch } from '../../flow/format/batch.ts';
import { asStoreError, StoreError } from '../files/error.ts';
import { createFile, takeOwner } from '../files/place.ts';
import { checkTarget } from '../files/target.ts';
import { removeLeftOvers } from '../files/temporary.ts';
import { WriteLock } from '../files/write-lock.ts';
import { type CaptureRow, toMessage } from '../rows/capture-row.ts';
import { Writer } from '../thread/writer.ts';

/** How a live database is opened. */
export interface LiveStoreOptions {
  /** Add to one that is there. */
  append: boolean;
  /** A database whose mode and owner a new one has, as far as this user may; else it is this user's alone. */
  like?: string;
}

/**
 * Opens a database for a live capture to write, which others may read meanwhile: a new one, or with
 * `append` an existing finwait database to be added to, also where an earlier capture was killed. Throws a StoreError
 * if it cannot or must not be written: what is there is never replaced.
 */
export function openLiveStore(path: string, { append, like }: LiveStoreOptions): LiveStore {
  let lock: WriteLock | undefined;
  try {
    lock = WriteLock.tryTake(checkTarget(path, append).path);
    // Packets do not wait until it is free.
    if (lock === undefined) throw new StoreError(path, 'another finwait is writing it');
    const { path: real, exists, found } = checkTarget(path, append);
    if (exists && !append) throw new StoreError(path, 'exists; --append adds to it');
    removeLeftOvers(real);
    if (found === undefined) {
      createFile(real);
      if (like !== undefined) takeOwner(real, statSync(like));
    }
    return new LiveStore(path, exists, lock);
  } catch (error) {
    lock?.release();
    throw asStoreError(error, path);
  }
}

/** A database that a live capture writes, by a thread of its own. */
export class LiveStore {
  readonly path: string;
  readonly #isNew: boolean;
  readonly #lock: WriteLock;
  readonly #writer: Writer;

  constructor(path: string, append: boolean, lock: WriteLock) {
    this.path = path;
    this.#isNew = !append;
    this.#lock = lock;
    this.#writer = new Writer(path, { kind: 'live', path, append });
  }

  /** Why nothing more can be written. */
  get failure(): Error | undefined {
    return this.#writer.failure;
  }

  /** Hands over a batch with `ids`, as Writer.write does. */
  write(batch: FlowBatch): BatchArrays | undefined {
    return this.#writer.write(batch);
  }

  /** Resolves when there is room for a batch, or fewer than `most` wait; rejects with the StoreError once writing has failed. */
  drained(most?: number): Promise<void> {
    return this.#writer.drained(most);
  }

  /** Adds a reading of the kernel's sockets. */
  kernel(sample: KernelSample): void {
    this.#writer.kernel(sample);
  }

  /** Lets others see what was written, as of `nowUs` (microseconds since the epoch). */
  commit(captures: readonly CaptureRow[], nowUs: number): void {
    this.#writer.commit(captures.map(toMessage), nowUs);
  }

  /** Resolves when all that was committed can be seen. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** The capture has ended: makes the database one like any other, in a single file. */
  async finish(captures: readonly CaptureRow[], nowUs: number): Promise<void> {
    try {
      await this.#writer.finish(captures.map(toMessage), nowUs);
    } finally {
      this.#lock.release();
    }
  }

  /** Nothing came: a new database goes again, one that was added to is as before. */
  async discard(): Promise<void> {
    if (!this.#isNew && this.failure === undefined) return this.finish([], 0);
    await this.#writer.terminate();
    try {
      if (this.#isNew) for (const suffix of ['', '-wal', '-shm']) rmSync(this.path + suffix, { force: true });
    } finally {
      this.#lock.release();
    }
  }

  /** Gives up: what was committed stays. */
  async abort(): Promise<void> {
    await this.#writer.terminate();
    this.#lock.release();
  }
}
