import { CLOSE_KIND, RESET_EVIDENCE, RESET_KIND } from '../../src/flow/format/close-words.ts';
import { MEANING, ZEEK_CONN_STATE } from '../../src/flow/format/segment-words.ts';
import {
  CLOSED_FIRST,
  ENDPOINT,
  ROLE_EVIDENCE,
  STATE,
  STATE_EVIDENCE,
} from '../../src/flow/format/state-words.ts';
import {
  PROFILE,
  PROFILE_EVIDENCE,
  STACK,
  TIME_WAIT_END,
  TIME_WAIT_EVIDENCE,
} from '../../src/flow/format/time-wait-words.ts';
import type { WordTable } from '../../src/flow/format/word-table.ts';

/** All word tables, in the order of docs/schema.md. */
export const WORD_TABLES: readonly WordTable[] = [
  ENDPOINT,
  CLOSED_FIRST,
  STATE,
  STATE_EVIDENCE,
  CLOSE_KIND,
  RESET_KIND,
  RESET_EVIDENCE,
  ROLE_EVIDENCE,
  TIME_WAIT_END,
  TIME_WAIT_EVIDENCE,
  PROFILE,
  PROFILE_EVIDENCE,
  STACK,
  ZEEK_CONN_STATE,
  MEANING,
];
