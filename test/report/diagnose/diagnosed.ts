import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../../src/pipeline.ts';
import type { Finding } from '../../../src/report/diagnose/finding.ts';
import { ROOT } from '../../terminal/finwait.ts';

/** The captures in captures/, by file name. */
export const CAPTURES: readonly string[] = readdirSync(join(ROOT, 'captures')).filter((name) =>
  /\.pcap(ng)?(\.gz)?$/.test(name),
);

/** Reads one of captures/ into a database at a path. */
export async function analyzed(capture: string, target: string): Promise<void> {
  await analyze([join(ROOT, 'captures', capture)], { target, append: false, timeWait: undefined });
}

/** How many rows the plain sqlite3 shell gives for a finding's SQL. */
export function rowsInShell(path: string, { evidence }: Finding): number {
  const out = execFileSync('sqlite3', ['-readonly', '-json', path, evidence.sql], { encoding: 'utf8' });
  return out.trim() === '' ? 0 : (JSON.parse(out) as unknown[]).length;
}
