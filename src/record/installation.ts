import { fileURLToPath } from 'node:url';
import { packaged } from '../capture/packaged.ts';

/**
 * What is wrong with the installation where an error comes from better-sqlite3 that is missing, or is not compiled
 * for this Node.js, and what to do; undefined for any other error.
 */
export function installationFault({ code, message }: { code: string | undefined; message: string }) {
  const folder = fileURLToPath(packaged('.'));
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes("'better-sqlite3'")) {
    return `better-sqlite3, which reads and writes databases, is not installed: run "npm ci" in ${folder}`;
  }
  const isNotCompiled = message.startsWith('Could not locate the bindings file');
  if (!isNotCompiled && !(code === 'ERR_DLOPEN_FAILED' && message.includes('better_sqlite3')))
    return undefined;
  return (
    `better-sqlite3, which reads and writes databases, is not compiled for this Node.js (${process.version}): ` +
    `run "npm rebuild better-sqlite3" in ${folder}; python3, make and g++ have to be there`
  );
}
