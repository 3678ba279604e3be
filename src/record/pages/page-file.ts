import { close, closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, writeSync } from 'node:fs';

/** In the file's header: its length in pages, sqlite.org/fileformat2.html section 1.3.7. */
const PAGE_COUNT = 28;
/** SQLite locks bytes from here on, and leaves the page with them unused (section 1.4). */
const LOCK_BYTE = 2 ** 30;
const BUFFER_LENGTH = 1 << 20;
const SYNC_LENGTH = 8 << 20;

/**
 * Pages that are added to a database file which no connection has open, many in one write. The disk may
 * be at work on them meanwhile, so that there is little left to wait for at the end. Throws the system's
 * errors.
 */
export class PageFile {
  readonly pageSize: number;
  readonly #path: string;
  readonly #file: number;
  readonly #syncLength: number;
  readonly #buffer: Uint8Array;
  #buffered = 0;
  /** Pages of the file, those in the buffer included. */
  #pages: number;
  /** Bytes since the disk was asked last. */
  #unsynced = 0;
  #syncing = false;
  #hasSynced = false;

  /** @param syncLength bytes after which the disk is asked to begin with them; Infinity if the file is not to stay */
  constructor(path: string, pageSize: number, syncLength = SYNC_LENGTH) {
    this.pageSize = pageSize;
    this.#path = path;
    this.#syncLength = syncLength;
    this.#file = openSync(path, 'r+');
    this.#pages = fstatSync(this.#file).size / pageSize;
    this.#buffer = new Uint8Array(Math.max(pageSize, BUFFER_LENGTH));
  }

  /** Adds a copy of the page to the end of the file and returns its number. */
  append(page: Uint8Array): number {
    if (this.#pages * this.pageSize === LOCK_BYTE) this.#push(new Uint8Array(this.pageSize));
    return this.#push(page);
  }

  /** Writes over a page that was in the file before. */
  overwrite(number: number, page: Uint8Array): void {
    this.#write(page, (number - 1) * this.pageSize);
  }

  /** Writes what is left, and the file's new length into its header. */
  close(): void {
    this.#flush();
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#pages);
    this.#write(count, PAGE_COUNT);
    if (this.#hasSynced) fdatasyncSync(this.#file);
    closeSync(this.#file);
  }

  #push(page: Uint8Array): number {
    if (this.#buffered === this.#buffer.length) this.#flush();
    this.#buffer.set(page, this.#buffered);
    this.#buffered += this.pageSize;
    return ++this.#pages;
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered), this.#pages * this.pageSize - this.#buffered);
    this.#unsynced += this.#buffered;
    this.#buffered = 0;
    if (this.#unsynced >= this.#syncLength && !this.#syncing) this.#sync();
  }

  /**
   * Has the disk begin with what was written until now. The system tells an error once to each who has
   * the file open: this goes by a descriptor of its own, and leaves it to close() to report it.
   */
  #sync(): void {
    const file = openSync(this.#path, 'r');
    this.#unsynced = 0;
    this.#syncing = true;
    this.#hasSynced = true;
    fdatasync(file, () => {
      this.#syncing = false;
      close(file);
    });
  }

  /** The system may write less than it was asked to. */
  #write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
    }
  }
}
