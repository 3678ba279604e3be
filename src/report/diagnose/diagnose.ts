import type { Database } from 'better-sqlite3';
import { byWeight, type Finding } from './finding.ts';
import { notedSysctls } from './noted-sysctls.ts';
import type { Context, Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { SysctlBook } from './sysctl.ts';
import { type Thresholds, thresholdsWith } from './thresholds.ts';

/** What a diagnosis goes by. */
export interface DiagnoseOptions {
  thresholds?: Partial<Thresholds>;
  sysctls?: SysctlBook;
  /** Codes of the rules to ask; without it all. */
  only?: readonly string[];
}

/** What was looked at, and what was found: the worst first. */
export interface Diagnosis {
  flows: number;
  /** The first and the last packet, microseconds since the epoch; NULL without packets. */
  firstUs: number | null;
  lastUs: number | null;
  /** How many rules were asked. */
  rules: number;
  findings: Finding[];
}

/** Looks for every trouble that a rule knows. */
export function diagnose(db: Database, options: DiagnoseOptions = {}): Diagnosis {
  const { only, sysctls = new SysctlBook() } = options;
  const rules = RULES.filter(({ code }) => only === undefined || only.includes(code));
  const span = readSpan(db);
  const thresholds = thresholdsWith(options.thresholds);
  const { flows, likely } = rulesWithCandidates(db, rules, thresholds);
  const { firstUs, lastUs } = span;
  const context: Context = {
    thresholds,
    sysctls: sysctls.with(notedSysctls(db)),
    firstUs: firstUs ?? 0,
    lastUs: lastUs ?? 0,
  };
  const findings = likely.flatMap((rule) => rule.find(db, context)).sort(byWeight);
  return { flows, firstUs, lastUs, rules: rules.length, findings };
}

/** The rules for which there is at least one flow that could be part of a finding, and how many flows there are. */
function rulesWithCandidates(
  db: Database,
  rules: readonly Rule[],
  thresholds: Thresholds,
): { flows: number; likely: Rule[] } {
  const sums = rules.map(({ candidates }) => `max(${candidates})`);
  const [flows = 0, ...found] = db
    .prepare<[object], (number | null)[]>(`SELECT ${['count(*)', ...sums].join(', ')} FROM flow_data`)
    .raw()
    .get(parametersOf(thresholds))!;
  return { flows: flows ?? 0, likely: rules.filter((_, i) => found[i] === 1) };
}

/** Thresholds as SQL takes them: `close-wait-age` is `:close_wait_age`. */
function parametersOf(thresholds: Thresholds): Record<string, number> {
  return Object.fromEntries(
    Object.entries(thresholds).map(([name, value]) => [name.replaceAll('-', '_'), value]),
  );
}

function readSpan(db: Database): Pick<Diagnosis, 'firstUs' | 'lastUs'> {
  return db
    .prepare<[], Pick<Diagnosis, 'firstUs' | 'lastUs'>>(
      'SELECT min(first_us) AS firstUs, max(last_us) AS lastUs FROM captures',
    )
    .get()!;
}
