import type { Database } from 'better-sqlite3';
import { readSpan } from '../states/span.ts';
import { registerCommonest } from './frame/aggregates/commonest.ts';
import { registerStandingPeak } from './frame/aggregates/standing-peak.ts';
import { registerTally } from './frame/aggregates/tally.ts';
import { registerExamples } from './frame/cases.ts';
import { findingOf } from './frame/conclusion.ts';
import { byWeight, type Finding, isAtLeast, type Severity } from './frame/finding.ts';
import type { Context, Rule } from './frame/rule.ts';
import { SysctlBook } from './frame/sysctl.ts';
import { parametersOf, type Thresholds, thresholdsWith } from './frame/thresholds.ts';
import { weigher } from './frame/unproven.ts';
import { notedSysctls } from './noted-sysctls.ts';
import { RULES } from './rules.ts';

/** What a diagnosis goes by. */
export interface DiagnoseOptions {
  thresholds?: Partial<Thresholds>;
  sysctls?: SysctlBook;
  /** Codes of the rules to ask; without it all. */
  only?: readonly string[];
  /** Rules whose findings are never that severe are not asked, but for these. */
  least?: Severity;
  also?: readonly string[];
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
  const { flows, rules, findings } = startDiagnosis(db, options);
  const { firstUs = null, lastUs = null } = readSpan(db) ?? {};
  return { flows, firstUs, lastUs, rules, findings: [...findings].flat().sort(byWeight) };
}

/** A diagnosis that is under way. */
export interface DiagnosisBegun {
  flows: number;
  /** How many rules are asked. */
  rules: number;
  /** What each rule finds, when it is asked for: in the order of the rules, of those that find something. */
  findings: Generator<Finding[]>;
}

/** Counts the flows, and asks the rules one after the other, so that findings can be shown as they come. */
export function startDiagnosis(db: Database, options: DiagnoseOptions = {}): DiagnosisBegun {
  const { only, least = 'note', also = [], sysctls = new SysctlBook() } = options;
  const rules = RULES.filter(
    ({ code, worst = 'critical' }) =>
      also.includes(code) || ((only?.includes(code) ?? true) && isAtLeast(worst, least)),
  );
  registerExamples(db);
  registerCommonest(db);
  registerStandingPeak(db);
  registerTally(db);
  const thresholds = thresholdsWith(options.thresholds);
  const { flows, likely } = rulesWithCandidates(db, rules, thresholds);
  const context = contextOf(db, thresholds, sysctls.with(notedSysctls(db)));
  return { flows, rules: rules.length, findings: ask(db, likely, context) };
}

function* ask(db: Database, rules: readonly Rule[], context: Context): Generator<Finding[]> {
  const weigh = weigher(db);
  for (const rule of rules) {
    const found = rule.find(db, context).map((conclusion) => findingOf(rule.code, conclusion));
    if (found.length > 0) yield found.map(weigh);
  }
}

function contextOf(db: Database, thresholds: Thresholds, sysctls: SysctlBook): Context {
  const known = new Map<unknown, unknown>();
  const context: Context = {
    thresholds,
    sysctls,
    once<T>(read: (db: Database, context: Context) => T): T {
      if (!known.has(read)) known.set(read, read(db, context));
      return known.get(read) as T;
    },
  };
  return context;
}

/** The rules for which there are flows enough that could be part of a finding, and how many flows there are. */
function rulesWithCandidates(
  db: Database,
  rules: readonly Rule[],
  thresholds: Thresholds,
): { flows: number; likely: Rule[] } {
  const counts = rules.map(({ candidates }) => `count(*) FILTER (WHERE ${candidates})`);
  const [flows = 0, ...found] = db
    .prepare<[object], number[]>(`SELECT ${['count(*)', ...counts].join(', ')} FROM flow_data`)
    .raw()
    .get(parametersOf(thresholds))!;
  const enough = ({ several }: Rule) => Math.max(1, several === undefined ? 1 : thresholds[several]);
  return { flows, likely: rules.filter((rule, i) => found[i]! >= enough(rule)) };
}
