import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../src/report/diagnose/frame/finding.ts';
import { parseSysctls, SysctlBook } from '../../../src/report/diagnose/frame/sysctl.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { ROOT } from '../../terminal/finwait.ts';

const FOLDER = join(ROOT, 'captures');

/** The captures below captures/, by path in it. */
export const CAPTURES: readonly string[] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
  .sort();

/** What is expected of a capture. */
export interface Expected {
  findings: { code: string; subject: string }[];
  /** Settings of the hosts other than the default, by address. */
  sysctl?: Record<string, Record<string, string>>;
  exhausted_us?: number;
}

/** The expectation beside one of captures/. */
export function expectedOf(capture: string): Expected {
  const path = join(FOLDER, capture.replace(/\.pcap(ng)?(\.gz)?$/, '.expect.json'));
  return JSON.parse(readFileSync(path, 'utf8')) as Expected;
}

/** The settings of the hosts at which a capture was recorded. */
export function sysctlsOf({ sysctl = {} }: Expected): SysctlBook {
  const hosts = Object.entries(sysctl).map(([ip, values]) => {
    const lines = Object.entries(values).map(([name, value]) => `${name} = ${value}\n`);
    return [ip, parseSysctls(lines.join(''))] as const;
  });
  return new SysctlBook({}, new Map(hosts));
}

/** Reads one of captures/ into a database at a path. */
export async function analyzed(capture: string, target: string): Promise<void> {
  await analyze([join(FOLDER, capture)], { target, append: false, timeWait: undefined });
}

/** How many rows the plain sqlite3 shell gives for a finding's SQL. */
export function rowsInShell(path: string, { evidence }: Finding): number {
  const out = execFileSync('sqlite3', ['-readonly', '-json', path, evidence.sql], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return out.trim() === '' ? 0 : (JSON.parse(out) as unknown[]).length;
}
