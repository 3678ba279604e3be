import { type DiagnoseOptions, diagnose } from '../../../src/report/diagnose/diagnose.ts';
import type { Finding } from '../../../src/report/diagnose/frame/finding.ts';
import type { Numbers } from '../../../src/report/diagnose/frame/numbers.ts';
import { parseSysctls, SysctlBook } from '../../../src/report/diagnose/frame/sysctl.ts';
import type { Flow } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';

/** What one rule finds in a database of these flows. */
export function found(code: string, flows: readonly Flow[], options: DiagnoseOptions = {}): Finding[] {
  return diagnose(databaseOf(flows), { ...options, only: [code] }).findings;
}

/** The numbers of a finding, by name. */
export function numbersOf(finding: Finding | undefined): Numbers {
  return finding?.evidence.numbers ?? {};
}

/** A finding in short: `warning refused 10.0.0.2:80 6`. */
export function named({ severity, code, subject, count }: Finding): string {
  return `${severity} ${code} ${subject} ${count}`;
}

/** One setting of all hosts: `tcp_fin_timeout = 5`. */
export function sysctl(line: string): DiagnoseOptions {
  return { sysctls: new SysctlBook(parseSysctls(`net.ipv4.${line}\n`)) };
}

/** The same flow several times, one every so many microseconds. */
export function times(n: number, everyUs: number, flow: (firstUs: number, i: number) => Flow): Flow[] {
  return Array.from({ length: n }, (_, i) => flow(i * everyUs, i));
}
