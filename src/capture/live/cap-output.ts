import { writeSync } from 'node:fs';
import {
  CAPTURED_LENGTH,
  FILE_HEADER_LENGTH,
  FRACTION,
  RECORD_HEADER_LENGTH,
  SECONDS,
  WIRE_LENGTH,
} from '../files/pcap-header.ts';

/** Records gathered for one write. */
const CHUNK = 64 * 1024;
/** What may wait for a reader that is busy, in bytes: several seconds of a hundred thousand frames each. */
const LIMIT = 64 * 1024 * 1024;

/** A pcap stream being written to a descriptor that does not block: what it does not take waits in memory. */
export class CapOutput {
  readonly #fd: number;
  readonly #snapLength: number;
  /** Full chunks, the oldest first, and the one being filled. */
  readonly #waiting: Buffer[] = [];
  #chunk = Buffer.allocUnsafe(CHUNK);
  #used = 0;
  /** Bytes of the oldest chunk that are written. */
  #written = 0;

  constructor(fd: number, linkType: number, snapLength: number) {
    this.#fd = fd;
    this.#snapLength = snapLength;
    const chunk = this.#chunk;
    chunk.writeUInt32LE(0xa1b2c3d4, 0);
    chunk.writeUInt16LE(2, 4);
    chunk.writeUInt16LE(4, 6);
    chunk.fill(0, 8, 16);
    chunk.writeUInt32LE(snapLength, 16);
    chunk.writeUInt32LE(linkType, 20);
    this.#used = FILE_HEADER_LENGTH;
  }

  /** Whether no more should be put in before something was taken. */
  get isFull(): boolean {
    return this.#waiting.length * CHUNK >= LIMIT;
  }

  /** Copies a frame, the first `length` bytes of `frame`, cut to the snap length. */
  add(timeUs: number, frame: Buffer, length: number): void {
    const captured = Math.min(length, this.#snapLength);
    const size = RECORD_HEADER_LENGTH + captured;
    if (this.#used + size > this.#chunk.length) {
      this.#waiting.push(this.#chunk.subarray(0, this.#used));
      this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK, size));
      this.#used = 0;
    }
    const chunk = this.#chunk;
    const at = this.#used;
    const seconds = Math.floor(timeUs / 1e6);
    chunk.writeUInt32LE(seconds, at + SECONDS);
    chunk.writeUInt32LE(timeUs - seconds * 1e6, at + FRACTION);
    chunk.writeUInt32LE(captured, at + CAPTURED_LENGTH);
    chunk.writeUInt32LE(length, at + WIRE_LENGTH);
    frame.copy(chunk, at + RECORD_HEADER_LENGTH, 0, captured);
    this.#used = at + size;
  }

  /** Writes what is taken without waiting; true when nothing is left. Throws if nobody reads any more. */
  flush(): boolean {
    while (this.#waiting.length > 0) {
      const oldest = this.#waiting[0]!;
      this.#written += this.#write(oldest, this.#written, oldest.length);
      if (this.#written < oldest.length) return false;
      this.#waiting.shift();
      this.#written = 0;
    }
    this.#written += this.#write(this.#chunk, this.#written, this.#used);
    if (this.#written < this.#used) return false;
    this.#used = 0;
    this.#written = 0;
    return true;
  }

  /** How many bytes were taken. */
  #write(bytes: Buffer, start: number, end: number): number {
    if (start === end) return 0;
    try {
      return writeSync(this.#fd, bytes, start, end - start);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}
