import {
  CLOSE_KIND_WORDS,
  RESET_EVIDENCE_WORDS,
  RESET_KIND_WORDS,
} from '../../src/flow/format/close-words.ts';
import { MEANING_WORDS, ZEEK_CONN_STATE_WORDS } from '../../src/flow/format/segment-words.ts';
import {
  CLOSED_FIRST_WORDS,
  ENDPOINT_WORDS,
  ROLE_EVIDENCE_WORDS,
  STATE_EVIDENCE_WORDS,
  STATE_WORDS,
} from '../../src/flow/format/state-words.ts';
import {
  PROFILE_EVIDENCE_WORDS,
  PROFILE_WORDS,
  STACK_WORDS,
  TIME_WAIT_END_WORDS,
  TIME_WAIT_EVIDENCE_WORDS,
} from '../../src/flow/format/time-wait-words.ts';
import type { WordTable } from '../../src/flow/format/word-table.ts';

/** All word tables, in the order of docs/schema.md. */
export const WORD_TABLES: readonly WordTable[] = [
  ENDPOINT_WORDS,
  CLOSED_FIRST_WORDS,
  STATE_WORDS,
  STATE_EVIDENCE_WORDS,
  CLOSE_KIND_WORDS,
  RESET_KIND_WORDS,
  RESET_EVIDENCE_WORDS,
  ROLE_EVIDENCE_WORDS,
  TIME_WAIT_END_WORDS,
  TIME_WAIT_EVIDENCE_WORDS,
  PROFILE_WORDS,
  PROFILE_EVIDENCE_WORDS,
  STACK_WORDS,
  ZEEK_CONN_STATE_WORDS,
  MEANING_WORDS,
];
