import { CLOSE_KIND, RESET_KIND } from '../../flow/format/close-words.ts';
import { CLOSED_FIRST } from '../../flow/format/state-words.ts';
import { PROFILE_EVIDENCE, TIME_WAIT_END } from '../../flow/format/time-wait-words.ts';
import { textsOf } from '../../flow/format/word-table.ts';

// The notes next to words that are counted in a table, by word.

export const CLOSE_KIND_NOTES = textsOf(CLOSE_KIND, 'note');
export const CLOSED_FIRST_NOTES = textsOf(CLOSED_FIRST, 'note');
export const RESET_KIND_NOTES = textsOf(RESET_KIND, 'note');
export const TIME_WAIT_END_NOTES = textsOf(TIME_WAIT_END, 'note');
export const PROFILE_EVIDENCE_NOTES = textsOf(PROFILE_EVIDENCE, 'note');
