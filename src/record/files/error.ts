import { asInstallationError, InstallationError } from './installation.ts';

/** A database that cannot be written or read: its path and one line on why. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly path: string;
  readonly reason: string;
  /** The system's or SQLite's error code (EACCES, ENOSPC, SQLITE_FULL ...) where there is one. */
  readonly code: string | undefined;

  constructor(path: string, reason: string, code?: string) {
    super(`${path}: ${reason}`);
    this.path = path;
    this.reason = reason;
    this.code = code;
  }
}

/** What was asked for would spoil a database: the message explains how, and names the option that does it all the same. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'is a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EIO: 'disk I/O error',
  EFBIG: 'the file system takes no file so large',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  SQLITE_FULL: 'the disk is full',
  SQLITE_CORRUPT: 'the database is damaged',
  SQLITE_NOTADB: 'not a SQLite database',
  SQLITE_BUSY: 'is open in another program',
  SQLITE_CANTOPEN: 'cannot be opened',
};

/** What a system's or SQLite's error means, in words. */
export function systemReason(error: unknown): string {
  const { code, message } = errorParts(error);
  return (code !== undefined && REASONS[code]) || message;
}

/** A system's or SQLite's error as a StoreError about `path`; where the path is not to blame, an InstallationError. */
export function asStoreError(error: unknown, path: string): StoreError | InstallationError {
  if (error instanceof StoreError || error instanceof InstallationError) return error;
  const fault = asInstallationError(errorParts(error));
  if (fault !== undefined) return fault;
  return new StoreError(path, systemReason(error), errorParts(error).code);
}

/** Code and message of whatever was thrown. */
export function errorParts(error: unknown): { code: string | undefined; message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { code, message: error.message };
}
