// src/capture, bytes in. Its rooms import only from those before them:
// base < files, kernel < live
// base: what all share; files: pcap, pcapng, compression and streams; kernel: the host's own socket table;
// live: tcpdump or cap in a child process.

/**
 * A capture that cannot be read, or not further: the file, the offset of the damage in its
 * (decompressed) bytes, and the reason. Everything before the offset has been handed on.
 */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly path: string;
  readonly offset: number;
  readonly reason: string;
  /** The system's error code (ENOENT, EACCES, EISDIR ...) where the file could not be opened or read. */
  readonly code: string | undefined;

  constructor(path: string, offset: number, reason: string, code?: string) {
    super(offset > 0 ? `${path}: at byte ${offset}: ${reason}` : `${path}: ${reason}`);
    this.path = path;
    this.offset = offset;
    this.reason = reason;
    this.code = code;
  }
}
