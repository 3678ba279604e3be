import { compile } from './compile.ts';
import { missingFor, PEERS } from './peers.ts';

/** What this machine has to measure with and to compare with. */
export interface Tools {
  /** Where programs write. */
  folder: string;
  /** The compiled measure.c. */
  measure: string;
  /** The compiled limit.c. */
  limit: string | undefined;
  /** Names of the peers that are there. */
  peers: readonly string[];
  /** What is left out, and why. */
  missing: readonly string[];
}

/** Compiles what has to be, and looks for the rest. Throws where nothing can be measured. */
export function toolsIn(folder: string): Tools {
  const measure = compile('measure', folder);
  if ('missing' in measure) throw new Error(`cannot measure: ${measure.missing}`);
  const limit = compile('limit', folder, ['-lsqlite3']);
  const missing = 'missing' in limit ? [`SQLite in C: ${limit.missing} (Debian: libsqlite3-dev)`] : [];
  const peers: string[] = [];
  for (const [name, peer] of Object.entries(PEERS)) {
    const lacking = missingFor(peer);
    if (lacking.length === 0) peers.push(name);
    else missing.push(`${name}: ${lacking.join(' and ')} not installed`);
  }
  return {
    folder,
    measure: measure.path,
    limit: 'path' in limit ? limit.path : undefined,
    peers,
    missing,
  };
}
