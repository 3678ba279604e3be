import { closeSync, constants, copyFileSync, fsyncSync, openSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import type { BatchArrays, FlowBatch } from '../flow/batch.ts';
import type { CaptureRow } from './capture-row.ts';
import { asStoreError } from './error.ts';
import { toMessage } from './messages.ts';
import { checkTarget, type Target } from './target.ts';
import { forgetTemporary, removeTemporary, temporaryFor } from './temporary.ts';
import { Writer } from './writer.ts';

/**
 * Prepares to write a database to `target`: a new one that will take the place of an old finwait
 * database there, or with `append` a copy of it that will be added to. Until finish() the target is
 * untouched. Throws a StoreError where the target cannot or must not be written.
 */
export async function openStore(target: string, { append }: { append: boolean }): Promise<Store> {
  const place = checkTarget(target, append);
  const run = temporaryFor(place.path);
  const grown = append && place.exists ? temporaryFor(place.path, 'grown.tmp') : undefined;
  try {
    closeSync(openSync(run, 'w'));
    if (grown !== undefined) copyFileSync(place.path, grown, constants.COPYFILE_FICLONE);
  } catch (error) {
    removeTemporary(run);
    if (grown !== undefined) removeTemporary(grown);
    throw asStoreError(error, target);
  }
  return new Store(target, place, run, grown);
}

/** A database being written, by a thread of its own. */
export class Store {
  readonly #target: string;
  readonly #place: Target;
  /** The file of this run. */
  readonly #run: string;
  /** The copy that the run is added to at the end, with `append`. */
  readonly #grown: string | undefined;
  readonly #writer: Writer;

  constructor(target: string, place: Target, run: string, grown: string | undefined) {
    this.#target = target;
    this.#place = place;
    this.#run = run;
    this.#grown = grown;
    this.#writer = new Writer(target, { kind: 'file', path: run, appendTo: grown });
  }

  /** Hands over a batch, as Writer.write does. */
  write(batch: FlowBatch): BatchArrays | undefined {
    return this.#writer.write(batch);
  }

  /** A way in for another lane of the same capture: see Writer.lane. */
  lane(): MessagePort {
    return this.#writer.lane();
  }

  /** What comes from now on belongs to this block of the capture: see BatchSender.reached. */
  reached(block: number): void {
    this.#writer.reached(block);
  }

  /** No batch of the main lane comes any more: see BatchSender.ended. */
  ended(): void {
    this.#writer.ended();
  }

  /** Resolves when there is room for a batch; rejects with the StoreError once writing has failed. */
  drained(): Promise<void> {
    return this.#writer.drained();
  }

  /** Rejects with the StoreError once writing has failed, and does nothing else. */
  failed(): Promise<never> {
    return this.#writer.failed();
  }

  /** Adds the rows of the captures read, and puts the database in the target's place. */
  async finish(captures: readonly CaptureRow[]): Promise<void> {
    try {
      await this.#writer.finish(captures.map(toMessage));
      const finished = this.#grown ?? this.#run;
      sync(finished);
      await rename(finished, this.#place.path);
      forgetTemporary(finished);
      if (finished !== this.#run) removeTemporary(this.#run);
      sync(dirname(this.#place.path));
    } catch (error) {
      await this.abort();
      throw asStoreError(error, this.#target);
    }
  }

  /** Gives up: the target stays as it was. */
  async abort(): Promise<void> {
    await this.#writer.terminate();
    removeTemporary(this.#run);
    if (this.#grown !== undefined) removeTemporary(this.#grown);
  }
}

/** Sees to it that a file or folder is on the disk before the next step. */
function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
