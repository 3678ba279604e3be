import type { CaseGroup } from './cases.ts';
import type { Finding, Severity } from './finding.ts';
import type { OptionalNumbers } from './numbers.ts';

/** What is wrong, why, and what to do and not to do about it. */
export type Advice = Pick<Finding, 'title' | 'cause' | 'remedies' | 'notToDo'>;

/** How sure a finding is, and why. */
export type Certainty = Pick<Finding, 'confidence' | 'confidenceReason'>;

/** Sure, for packets prove it. */
export function certain(confidenceReason: string): Certainty {
  return { confidence: 'certain', confidenceReason };
}

/** Not proven, but hardly anything else looks like that. */
export function likely(confidenceReason: string): Certainty {
  return { confidence: 'likely', confidenceReason };
}

/** Something else may look the same. */
export function possible(confidenceReason: string): Certainty {
  return { confidence: 'possible', confidenceReason };
}

/** What a rule concludes from the cases of one subject: of a finding all that is the rule's own. */
export interface Conclusion {
  group: CaseGroup;
  severity: Severity;
  /** As of Finding. */
  subject: string;
  numbers: OptionalNumbers;
  advice: Advice;
  certainty: Certainty;
}

/** The finding of a rule: its conclusion, the rule's code, and what was counted. */
export function findingOf(code: string, conclusion: Conclusion): Finding {
  const { group, severity, subject, numbers, advice, certainty } = conclusion;
  const { count, sinceUs, untilUs } = group;
  return {
    code,
    severity,
    subject,
    count,
    sinceUs,
    untilUs,
    evidence: group.evidence(numbers),
    ...advice,
    ...certainty,
  };
}
