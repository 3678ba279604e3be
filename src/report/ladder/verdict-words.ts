import * as close from '../../flow/format/close-words.ts';
import * as state from '../../flow/format/state-words.ts';
import * as timeWait from '../../flow/format/time-wait-words.ts';
import { textsOf } from '../../flow/format/word-table.ts';

// The words of a flow in a sentence, by word; '' if there is nothing to add.

/** How the flow ended, a sentence of its own. */
export const CLOSE_KIND = textsOf(close.CLOSE_KIND, 'sentence');
/** `The server sent RST, ...` */
export const RESET_KIND = textsOf(close.RESET_KIND, 'sentence');
/** What speaks for that. */
export const RESET_REASON = textsOf(close.RESET_EVIDENCE, 'sentence');
/** How the client was told from the server. */
export const ROLE = textsOf(state.ROLE_EVIDENCE, 'sentence');
/** Until when a TIME_WAIT is known to have lasted. */
export const TIME_WAIT_END = textsOf(timeWait.TIME_WAIT_END, 'sentence');
/** On what evidence. */
export const TIME_WAIT_REASON = textsOf(timeWait.TIME_WAIT_EVIDENCE, 'sentence');
/** Whose TIME_WAIT was expected. */
export const PROFILE = textsOf(timeWait.PROFILE, 'sentence');
/** Why that one. */
export const PROFILE_REASON = textsOf(timeWait.PROFILE_EVIDENCE, 'sentence');
/** Why a state counts as entered. */
export const STATE_EVIDENCE = textsOf(state.STATE_EVIDENCE, 'sentence');
