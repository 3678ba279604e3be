import type { Numbers } from './numbers.ts';

// What `finwait diagnose` reports of one trouble: what is wrong, its proof, what to change and what not to.

/** How bad it is, the least first; a note is no trouble, but what whoever reads the others must know. */
export const SEVERITIES = ['note', 'info', 'warning', 'critical'] as const;
/** One of SEVERITIES. */
export type Severity = (typeof SEVERITIES)[number];

/** How sure it is, the least first. */
export type Confidence = 'possible' | 'likely' | 'certain';

/** A segment that shows it: its number in its file, as Wireshark counts. */
export interface ExampleFrame {
  frame: number;
  /** Path of the file. */
  capture: string;
  endpoint: string;
  /** One of `close_segments.meaning`. */
  meaning: string;
}

/** A connection to look at: `finwait show DB id`. */
export interface ExampleFlow {
  id: number;
  /** `10.0.0.1:40001` */
  client: string;
  server: string;
  frames: ExampleFrame[];
}

/** What a finding rests on. */
export interface Evidence {
  numbers: Numbers;
  /** Three at most. */
  flows: ExampleFlow[];
  /** One SELECT for any SQLite client: as many rows as the finding counts, each one thing that was counted. */
  sql: string;
  /** How many subjects there were, if more than are reported: those with most cases are. */
  subjects?: number;
}

/** One trouble of one subject. */
export interface Finding {
  /** Name of the rule that found it, and of its article: `close-wait-leak`. */
  code: string;
  /** One line, without the subject. */
  title: string;
  severity: Severity;
  /** `10.0.0.2:80`, `10.0.0.1`, or a pair `10.0.0.1 -> 10.0.0.2:80`. */
  subject: string;
  /** Rows of the evidence's SQL. */
  count: number;
  /** The first and the last that it was seen, microseconds since the epoch. */
  sinceUs: number;
  untilUs: number;
  evidence: Evidence;
  /** Sentences. */
  cause: string;
  /** What to do, the best first: a sentence or two each. */
  remedies: readonly string[];
  /** What does not help, or harms: a sentence or two each. */
  notToDo: readonly string[];
  confidence: Confidence;
  /** Why not more, or why so much: part of a sentence. */
  confidenceReason: string;
}

/** Whether a severity is at least another. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** The worst first, then those that count most, then by code and subject. */
export function byWeight(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    b.count - a.count ||
    compare(a.code, b.code) ||
    compare(a.subject, b.subject)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
