import { CLOSE_KIND_WORDS, RESET_EVIDENCE_WORDS, RESET_KIND_WORDS } from '../../flow/format/close-words.ts';
import { ROLE_EVIDENCE_WORDS, STATE_EVIDENCE_WORDS } from '../../flow/format/state-words.ts';
import {
  PROFILE_EVIDENCE_WORDS,
  PROFILE_WORDS,
  TIME_WAIT_END_WORDS,
  TIME_WAIT_EVIDENCE_WORDS,
} from '../../flow/format/time-wait-words.ts';
import { textsOf } from '../../flow/format/word-table.ts';

// The words of a flow in a sentence, by word; '' if there is nothing to add.

/** How the flow ended, a sentence of its own. */
export const CLOSE_KIND = textsOf(CLOSE_KIND_WORDS, 'sentence');
/** `The server sent RST, ...` */
export const RESET_KIND = textsOf(RESET_KIND_WORDS, 'sentence');
/** What speaks for that. */
export const RESET_REASON = textsOf(RESET_EVIDENCE_WORDS, 'sentence');
/** How the client was distinguished from the server. */
export const ROLE = textsOf(ROLE_EVIDENCE_WORDS, 'sentence');
/** Until when a TIME_WAIT is known to have lasted. */
export const TIME_WAIT_END = textsOf(TIME_WAIT_END_WORDS, 'sentence');
/** On what evidence. */
export const TIME_WAIT_REASON = textsOf(TIME_WAIT_EVIDENCE_WORDS, 'sentence');
/** Whose TIME_WAIT was expected. */
export const PROFILE = textsOf(PROFILE_WORDS, 'sentence');
/** Why that one. */
export const PROFILE_REASON = textsOf(PROFILE_EVIDENCE_WORDS, 'sentence');
/** Why a state counts as entered. */
export const STATE_EVIDENCE = textsOf(STATE_EVIDENCE_WORDS, 'sentence');
