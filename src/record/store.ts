import { constants, copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { CaptureError } from '../capture/base/error.ts';
import { type FileIdentity, identityOf } from '../capture/files/file-identity.ts';
import type { BatchArrays, FlowBatch } from '../flow/format/batch.ts';
import { asStoreError, RefusedError, StoreError } from './files/error.ts';
import {
  type KnownCapture,
  knownCaptures,
  refuseKnownFile,
  refuseKnownTraffic,
  refuseNamesake,
  refuseTwins,
} from './files/known-captures.ts';
import { putBeside, putInPlace } from './files/place.ts';
import { BUSY_TIMEOUT_MS, takeOver } from './files/take-over.ts';
import { checkTarget, hasJournal, type Target } from './files/target.ts';
import { removeLeftOvers, removeTemporary, temporaryFor } from './files/temporary.ts';
import { WriteLock } from './files/write-lock.ts';
import { checkWritable, openChecked } from './live/check-schema.ts';
import { type CaptureRow, toMessage } from './rows/capture-row.ts';
import { Writer } from './thread/writer.ts';

/** How a store is opened, and what for. */
export interface StoreOptions {
  /** Add to a database that is there. */
  append: boolean;
  /** The captures that it will hold, in the order of reading. */
  captures?: readonly string[];
  /** Take captures that are in it already, or named twice. */
  again?: boolean | undefined;
  /** The capture that the database is named after, if it is: it replaces that of no other one. */
  namedAfter?: string | undefined;
  /** Called if another run writes it, whose end is waited for. */
  onWait?: (() => void) | undefined;
}

/** How often it is looked whether another run has ended. */
const WAIT_MS = 100;

/**
 * Prepares to write a database to `target`: a new one that will take the place of an old finwait
 * database there, or with `append` a copy of it that will be added to. Until finish() the target is
 * untouched, and no other run writes it. Throws a StoreError if the target cannot or must not be written, a
 * RefusedError if it has one of the captures already, or would be replaced by the database of a namesake.
 */
export async function openStore(target: string, options: StoreOptions): Promise<Store> {
  const { append, onWait } = options;
  try {
    const { place, lock } = await takeTarget(target, { append, onWait });
    const temporary: string[] = [];
    try {
      removeLeftOvers(place.path);
      const admitted = await admit(target, place, options);
      const run = temporaryFor(place.path);
      temporary.push(run);
      if (!append || !place.exists)
        return new Store(target, { ...admitted, place, lock, run, grown: undefined });
      openChecked(place.path, { readonly: true }, (db) => checkWritable(db, target)).close();
      const grown = temporaryFor(place.path);
      temporary.push(grown);
      copyFileSync(place.path, grown, constants.COPYFILE_FICLONE);
      return new Store(target, { ...admitted, place, lock, run, grown });
    } catch (error) {
      lock.release();
      temporary.forEach(removeTemporary);
      throw error;
    }
  } catch (error) {
    throw error instanceof RefusedError || error instanceof CaptureError
      ? error
      : asStoreError(error, target);
  }
}

/** Takes the lock of the target, and looks at it as it is then. */
async function takeTarget(
  target: string,
  { append, onWait }: Pick<StoreOptions, 'append' | 'onWait'>,
): Promise<{ place: Target; lock: WriteLock }> {
  for (;;) {
    const { path } = checkTarget(target, append);
    const lock = await waitForLock(target, path, onWait);
    try {
      let place = checkTarget(target, append);
      if (place.path === path && place.exists && hasJournal(path)) {
        takeOver(path);
        place = checkTarget(target, append);
      }
      // Another run may have replaced it, or the link to it, while this one waited.
      if (place.path === path) return { place, lock };
      lock.release();
    } catch (error) {
      lock.release();
      throw error;
    }
  }
}

/** Waits for the lock. Refuses a database that a live capture is writing: that may take days. */
async function waitForLock(target: string, path: string, onWait = () => {}): Promise<WriteLock> {
  let isSaid = false;
  for (let waits = 0; ; waits++) {
    const lock = WriteLock.tryTake(path);
    if (lock !== undefined) return lock;
    if (!hasJournal(path)) {
      if (!isSaid) onWait();
      isSaid = true;
    } else if (waits * WAIT_MS > BUSY_TIMEOUT_MS) {
      // Another run would have taken over by now what a killed capture has left.
      throw new StoreError(target, 'a live capture is writing it');
    }
    await sleep(WAIT_MS);
  }
}

/** What the captures to be read are known by. Throws a RefusedError as openStore does. */
async function admit(
  target: string,
  { path, exists }: Target,
  { append, captures = [], again = false, namedAfter }: StoreOptions,
): Promise<Pick<StoreFiles, 'identities' | 'known'>> {
  const there = exists ? knownCaptures(path) : [];
  if (namedAfter !== undefined) refuseNamesake(namedAfter, there, target);
  const known = append && !again ? there : [];
  const files = captures.map((each) => ({ path: each, file: identityOf(each) }));
  if (!again) {
    for (const file of files) refuseKnownFile(file, known, target);
    await refuseTwins(files);
  }
  return { identities: files.map(({ file }) => file), known: again ? undefined : known };
}

/** What a store has at its disposal. */
interface StoreFiles {
  place: Target;
  lock: WriteLock;
  /** The file of this run. */
  run: string;
  /** The copy that the run is added to at the end, with `append`. */
  grown: string | undefined;
  /** What the captures to be read are known by, in their order. */
  identities: readonly (FileIdentity | undefined)[];
  /** Captures that must not be added; undefined if any may be, also twice. */
  known: readonly KnownCapture[] | undefined;
}

/** A database being written, by a thread of its own. */
export class Store {
  readonly #target: string;
  readonly #files: StoreFiles;
  readonly #writer: Writer;

  /** @param target the database as users know it, for errors */
  constructor(target: string, files: StoreFiles) {
    this.#target = target;
    this.#files = files;
    this.#writer = new Writer(target, { kind: 'file', path: files.run, appendTo: files.grown });
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

  /**
   * Adds the rows of the captures read, and puts the database in the target's place. Where somebody has put
   * something else there, that is left alone, and the StoreError names the file that has the database instead. Rejects
   * with a RefusedError if only what was read tells that a capture is in it already.
   */
  async finish(read: readonly CaptureRow[]): Promise<void> {
    const { place, run, grown, identities, known } = this.#files;
    const captures = read.map((capture, i) => ({ ...capture, file: identities[i] }));
    if (known !== undefined) refuseKnownTraffic(captures, known, this.#target);
    try {
      await this.#writer.finish(captures.map(toMessage));
      const finished = grown ?? run;
      if (!putInPlace(finished, place)) {
        const beside = putBeside(finished, place.path);
        throw new StoreError(
          this.#target,
          `was changed meanwhile and is left alone; the new database is ${beside}`,
        );
      }
      this.#close();
    } catch (error) {
      await this.abort();
      throw asStoreError(error, this.#target);
    }
  }

  /** Gives up: the target stays as it was. */
  async abort(): Promise<void> {
    await this.#writer.terminate();
    this.#close();
  }

  #close(): void {
    const { lock, run, grown } = this.#files;
    lock.release();
    removeTemporary(run);
    if (grown !== undefined) removeTemporary(grown);
  }
}
