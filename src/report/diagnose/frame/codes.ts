import { code } from '../../../flow/format/word-table.ts';
import { CLOSE_KINDS, RESET_EVIDENCE, RESET_KINDS } from '../../../flow/format/words.ts';

// Words as flow_data has them: by their codes.

/** The code of a close_kind. */
export function closeKind(kind: (typeof CLOSE_KINDS)[number]): number {
  return code(CLOSE_KINDS, kind);
}

/** The code of a reset_kind. */
export function resetKind(kind: (typeof RESET_KINDS)[number]): number {
  return code(RESET_KINDS, kind);
}

/** The code of a reset_evidence. */
export function resetEvidence(evidence: (typeof RESET_EVIDENCE)[number]): number {
  return code(RESET_EVIDENCE, evidence);
}
