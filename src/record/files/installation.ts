import { fileURLToPath } from 'node:url';
import { packaged } from '../../capture/base/packaged.ts';

/** better-sqlite3 is missing, or not compiled for this Node.js: the message tells what to do. */
export class InstallationError extends Error {
  override readonly name = 'InstallationError';
}

/** An error that comes from better-sqlite3 missing, in words; undefined of any other error. */
export function asInstallationError({ code, message }: { code: string | undefined; message: string }) {
  const folder = fileURLToPath(packaged('.'));
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes("'better-sqlite3'")) {
    return new InstallationError(
      `better-sqlite3, which reads and writes databases, is not installed: run "npm ci" in ${folder}`,
    );
  }
  const isNotCompiled = message.startsWith('Could not locate the bindings file');
  if (!isNotCompiled && !(code === 'ERR_DLOPEN_FAILED' && message.includes('better_sqlite3')))
    return undefined;
  return new InstallationError(
    `better-sqlite3, which reads and writes databases, is not compiled for this Node.js (${process.version}): ` +
      `run "npm rebuild better-sqlite3" in ${folder}; python3, make and g++ have to be there`,
  );
}
