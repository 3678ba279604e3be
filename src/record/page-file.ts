import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';

/** In the file's header: its length in pages, sqlite.org/fileformat2.html section 1.3.7. */
const PAGE_COUNT = 28;
/** SQLite locks bytes from here on, and leaves the page with them unused (section 1.4). */
const LOCK_BYTE = 2 ** 30;
const BUFFER_LENGTH = 1 << 20;

/**
 * Pages that are added to a database file which no connection has open, many in one write. Throws
 * the system's errors.
 */
export class PageFile {
  readonly pageSize: number;
  readonly #file: number;
  readonly #buffer: Uint8Array;
  #buffered = 0;
  /** Pages of the file, those in the buffer included. */
  #pages: number;

  constructor(path: string, pageSize: number) {
    this.pageSize = pageSize;
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
    this.#buffered = 0;
  }

  /** The system may write less than it was asked to. */
  #write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
    }
  }
}
