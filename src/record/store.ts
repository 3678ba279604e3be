import { closeSync, constants, copyFileSync, fsyncSync, openSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { BatchArrays, FlowBatch } from '../flow/batch.ts';
import type { CaptureRow } from './capture-row.ts';
import { asStoreError, StoreError } from './error.ts';
import {
  buffersOf,
  type CaptureMessage,
  type FromWriter,
  type ToWriter,
  type WriterData,
} from './messages.ts';
import { checkTarget, type Target } from './target.ts';
import { forgetTemporary, removeTemporary, temporaryFor } from './temporary.ts';

/** Batches that may wait for the writer's thread before drained() asks for patience. */
const MAX_WAITING = 4;

/** Run from the sources (by tests), the thread needs the compiled file. */
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/record/writer-thread.js', import.meta.url)
  : new URL('./writer-thread.js', import.meta.url);

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
  readonly #thread: Worker;
  #waiting = 0;
  /** Arrays of batches that are written. */
  #spare: BatchArrays[] = [];
  #finished = false;
  #failure: StoreError | undefined;
  /** Who waits for something to change. */
  #waiters: (() => void)[] = [];

  constructor(target: string, place: Target, run: string, grown: string | undefined) {
    this.#target = target;
    this.#place = place;
    this.#run = run;
    this.#grown = grown;
    const workerData: WriterData = { path: run, appendTo: grown };
    this.#thread = new Worker(THREAD, { workerData });
    this.#thread.on('message', (message: FromWriter) => this.#hear(message));
    this.#thread.on('error', (error) => this.#fail(asStoreError(error, target)));
    this.#thread.on('exit', () => {
      if (!this.#finished) this.#fail(new StoreError(target, 'the thread that writes it has stopped'));
    });
  }

  /**
   * Hands over a batch, whose arrays belong to the store from now on. A reader cannot wait here: it
   * awaits drained() at its next chance. Gives the arrays of a batch written before back, to use
   * them again. Throws the StoreError once writing has failed.
   */
  write(batch: FlowBatch): BatchArrays | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting++;
    this.#post({ batch }, [...buffersOf(batch), batch.addresses.words.buffer as ArrayBuffer]);
    return this.#spare.pop();
  }

  /** Resolves when there is room for a batch; rejects with the StoreError once writing has failed. */
  async drained(): Promise<void> {
    // What the thread has said is heard only between two turns.
    if (this.#waiting > 0) await setImmediate();
    await this.#until(() => this.#waiting < MAX_WAITING);
  }

  /** Adds the rows of the captures read, and puts the database in the target's place. */
  async finish(captures: readonly CaptureRow[]): Promise<void> {
    try {
      this.#post({ captures: captures.map(toMessage) }, []);
      await this.#until(() => this.#finished);
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
    await this.#thread.terminate();
    removeTemporary(this.#run);
    if (this.#grown !== undefined) removeTemporary(this.#grown);
  }

  #post(message: ToWriter, transfer: ArrayBuffer[]): void {
    this.#thread.postMessage(message, transfer);
  }

  #hear(message: FromWriter): void {
    if (typeof message === 'object' && 'written' in message) {
      this.#waiting--;
      this.#spare.push(message.written);
    } else if (message === 'finished') this.#finished = true;
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

function toMessage(capture: CaptureRow): CaptureMessage {
  const { damage } = capture;
  return { ...capture, damage: damage === null ? null : { reason: damage.reason, offset: damage.offset } };
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
