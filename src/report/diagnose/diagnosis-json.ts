import { printableJson } from '../rows.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Finding } from './frame/finding.ts';

/** A diagnosis as one JSON object; times and durations in microseconds, in keys ending `_us`. */
export function diagnosisJson({ flows, firstUs, lastUs, rules, findings }: Diagnosis): string {
  const all = { flows, first_us: firstUs, last_us: lastUs, rules, findings: findings.map(findingObject) };
  return `${printableJson(JSON.stringify(all, null, 2))}\n`;
}

function findingObject(finding: Finding): object {
  const { evidence } = finding;
  return {
    code: finding.code,
    title: finding.title,
    severity: finding.severity,
    subject: finding.subject,
    count: finding.count,
    since_us: finding.sinceUs,
    until_us: finding.untilUs,
    evidence: {
      numbers: evidence.numbers,
      flows: evidence.flows,
      sql: evidence.sql,
      ...(evidence.subjects !== undefined && { subjects: evidence.subjects }),
    },
    cause: finding.cause,
    remedies: finding.remedies,
    not_to_do: finding.notToDo,
    confidence: finding.confidence,
    confidence_reason: finding.confidenceReason,
  };
}
