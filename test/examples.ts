import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Captures from elsewhere, beside the repository: tests that read them are left out where they are missing. */
export const EXAMPLES = join(import.meta.dirname, '..', '..', 'shared', 'examples');

/** Paths of all captures below a folder, compressed ones too; none where it is missing. */
export function capturesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?(\.\w+)?$/.test(name))
    .map((name) => join(folder, name));
}
