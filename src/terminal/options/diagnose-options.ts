import { readFileSync } from 'node:fs';
import { SocketAddress } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { parseNetwork } from '../../report/addresses.ts';
import { parseSysctls, SysctlBook, type Sysctls } from '../../report/diagnose/frame/sysctl.ts';
import { THRESHOLDS, type ThresholdName, thresholdOf } from '../../report/diagnose/frame/thresholds.ts';
import { RULES } from '../../report/diagnose/rules.ts';
import { UsageError } from '../base/exit.ts';
import { durationUs } from './duration.ts';

/** A file of `--sysctl`, of all hosts or of one. */
export interface SysctlFile {
  path: string;
  ip?: string;
}

/** Adds `FILE` or `IP=FILE`. */
export function collectSysctl(text: string, before: SysctlFile[] = []): SysctlFile[] {
  const [, ip = '', path = ''] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  const network = parseNetwork(ip);
  if (network === undefined) return [...before, { path: text }];
  if (ip.includes('/')) throw new InvalidArgumentError('IP=FILE is of one host, not of a network.');
  // As the database spells it.
  return [...before, { path, ip: new SocketAddress(network).address }];
}

/** Adds `name=value`; a duration may have a unit. */
export function collectThreshold(
  text: string,
  before: Partial<Record<ThresholdName, number>> = {},
): Partial<Record<ThresholdName, number>> {
  const [, name = '', value = ''] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  const threshold = thresholdOf(name);
  if (threshold === undefined) {
    throw new InvalidArgumentError(
      `It is name=value; the names are ${THRESHOLDS.map((one) => one.name).join(', ')}.`,
    );
  }
  const number = threshold.unit === 's' ? durationUs(value) / 1e6 : plainNumber(value);
  if (!(number >= 0)) throw new InvalidArgumentError(`${name} is a number (${threshold.unit}).`);
  return { ...before, [threshold.name]: number };
}

/** A number as SQL takes it, too; NaN for all else, such as `Infinity`. */
function plainNumber(text: string): number {
  return /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** Adds the code of a finding. */
export function collectCode(text: string, before: string[] = []): string[] {
  const codes = RULES.map(({ code }) => code);
  if (!codes.includes(text)) throw new InvalidArgumentError(`Findings are ${codes.join(', ')}.`);
  return [...before, text];
}

/** Reads the settings of the hosts. Throws a UsageError on a file that cannot be read or has none. */
export function sysctlBook(files: readonly SysctlFile[]): SysctlBook {
  let all: Sysctls = {};
  const byIp = new Map<string, Sysctls>();
  for (const { path, ip } of files) {
    const found = parseSysctls(readText(path));
    if (Object.keys(found).length === 0) {
      throw new UsageError(`${path}: no line such as net.ipv4.tcp_tw_reuse = 2 (sysctl -a prints them)`);
    }
    if (ip === undefined) all = { ...all, ...found };
    else byIp.set(ip, { ...byIp.get(ip), ...found });
  }
  return new SysctlBook(all, byIp);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(`${path}: ${missing ? 'no such file' : 'cannot be read'}`);
  }
}
