import { CLOSE_KIND_WORDS, RESET_KIND_WORDS } from '../../flow/format/close-words.ts';
import { CLOSED_FIRST_WORDS } from '../../flow/format/state-words.ts';
import { PROFILE_EVIDENCE_WORDS, TIME_WAIT_END_WORDS } from '../../flow/format/time-wait-words.ts';
import { textsOf } from '../../flow/format/word-table.ts';

// The notes next to words that are counted in a table, by word.

export const CLOSE_KIND_NOTES = textsOf(CLOSE_KIND_WORDS, 'note');
export const CLOSED_FIRST_NOTES = textsOf(CLOSED_FIRST_WORDS, 'note');
export const RESET_KIND_NOTES = textsOf(RESET_KIND_WORDS, 'note');
export const TIME_WAIT_END_NOTES = textsOf(TIME_WAIT_END_WORDS, 'note');
export const PROFILE_EVIDENCE_NOTES = textsOf(PROFILE_EVIDENCE_WORDS, 'note');
