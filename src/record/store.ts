import { constants, copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { type FileIdentity, identityOf } from '../capture/file-identity.ts';
import type { BatchArrays, FlowBatch } from '../flow/batch.ts';
import type { CaptureRow } from './capture-row.ts';
import { asStoreError, StoreError } from './error.ts';
import {
  type KnownCapture,
  knownCaptures,
  refuseKnownFile,
  refuseKnownTraffic,
  refuseNamesake,
} from './known-captures.ts';
import { toMessage } from './messages.ts';
import { takeOver } from './take-over.ts';
import { checkTarget, hasJournal, putBeside, putInPlace, type Target } from './target.ts';
import { removeLeftOvers, removeTemporary, temporaryFor } from './temporary.ts';
import { WriteLock } from './write-lock.ts';
import { Writer } from './writer.ts';

/** How a store is opened. */
export interface StoreOptions {
  /** Add to a database that is there. */
  append: boolean;
  /** Called where another run writes it, whose end is waited for. */
  onWait?: (() => void) | undefined;
}

/** Which captures a database takes. */
export interface AdmitOptions {
  /** Also those that are in it already. */
  again?: boolean;
  /** The capture that it is named after, where it is. */
  namedAfter?: string | undefined;
}

/** How often it is looked whether another run has ended. */
const WAIT_MS = 100;

/**
 * Prepares to write a database to `target`: a new one that will take the place of an old finwait
 * database there, or with `append` a copy of it that will be added to. Until finish() the target is
 * untouched, and no other run writes it. Throws a StoreError where the target cannot or must not be written.
 */
export async function openStore(target: string, { append, onWait }: StoreOptions): Promise<Store> {
  const lock = await lockOf(target, checkTarget(target, append).path, onWait);
  const temporary: string[] = [];
  try {
    // It may be another one since.
    let place = checkTarget(target, append);
    if (hasJournal(place.path)) {
      takeOver(place.path);
      place = checkTarget(target, append);
    }
    removeLeftOvers(place.path);
    const known = place.exists ? knownCaptures(place.path) : [];
    const run = temporaryFor(place.path);
    temporary.push(run);
    if (!append || !place.exists) return new Store(target, { place, known, lock, run, grown: undefined });
    const grown = temporaryFor(place.path);
    temporary.push(grown);
    copyFileSync(place.path, grown, constants.COPYFILE_FICLONE);
    return new Store(target, { place, known, lock, run, grown });
  } catch (error) {
    temporary.forEach(removeTemporary);
    lock.release();
    throw asStoreError(error, target);
  }
}

/** Waits until this run may write the database at `path`. One that a live capture writes may be so for days: it is refused. */
async function lockOf(target: string, path: string, onWait = () => {}): Promise<WriteLock> {
  for (let isWaiting = false; ; await sleep(WAIT_MS)) {
    try {
      const lock = WriteLock.tryTake(path);
      if (lock !== undefined) return lock;
    } catch (error) {
      throw asStoreError(error, target);
    }
    if (hasJournal(path)) throw new StoreError(target, 'a live capture is writing it');
    if (!isWaiting) onWait();
    isWaiting = true;
  }
}

/** What a store has at its disposal. */
interface StoreFiles {
  place: Target;
  /** The captures in the database that stands there. */
  known: readonly KnownCapture[];
  lock: WriteLock;
  /** The file of this run. */
  run: string;
  /** The copy that the run is added to at the end, with `append`. */
  grown: string | undefined;
}

/** A database being written, by a thread of its own. */
export class Store {
  readonly #target: string;
  readonly #files: StoreFiles;
  readonly #writer: Writer;
  #again = false;
  /** The captures in the database that is added to. */
  #known: readonly KnownCapture[] = [];
  /** What the captures to be read are known by, in their order. */
  #identities: (FileIdentity | undefined)[] = [];

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

  /**
   * Looks at the captures that are to be read. Throws a RefusedError where the database would be replaced by
   * that of a namesake of its capture or, but with `again`, where a capture would be in it twice.
   */
  admit(paths: readonly string[], { again = false, namedAfter }: AdmitOptions): void {
    const { known, grown } = this.#files;
    const files = paths.map((path) => ({ path, file: identityOf(path) }));
    this.#identities = files.map(({ file }) => file);
    this.#again = again;
    if (namedAfter !== undefined) refuseNamesake(namedAfter, known, this.#target);
    if (grown !== undefined) this.#known = known;
    if (!again) for (const file of files) refuseKnownFile(file, this.#known, this.#target);
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
   * something else there, that is left alone, and the StoreError says where the database is instead. Rejects
   * with a RefusedError as admit() throws it, where what was read tells more.
   */
  async finish(read: readonly CaptureRow[]): Promise<void> {
    const { place, run, grown } = this.#files;
    const captures = read.map((capture, i) => ({ ...capture, file: this.#identities[i] }));
    if (!this.#again) refuseKnownTraffic(captures, this.#known, this.#target);
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
    removeTemporary(run);
    if (grown !== undefined) removeTemporary(grown);
    lock.release();
  }
}
