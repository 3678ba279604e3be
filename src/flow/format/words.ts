import { CLOSE_KIND_WORDS, RESET_EVIDENCE_WORDS, RESET_KIND_WORDS } from './close-words.ts';
import { MEANING_WORDS, ZEEK_CONN_STATE_WORDS } from './segment-words.ts';
import {
  CLOSED_FIRST_WORDS,
  ENDPOINT_WORDS,
  ROLE_EVIDENCE_WORDS,
  STATE_EVIDENCE_WORDS,
  STATE_WORDS,
} from './state-words.ts';
import {
  PROFILE_EVIDENCE_WORDS,
  PROFILE_WORDS,
  STACK_WORDS,
  TIME_WAIT_END_WORDS,
  TIME_WAIT_EVIDENCE_WORDS,
} from './time-wait-words.ts';
import { wordsOf } from './word-table.ts';

// The words of the product, in the order of their codes: inside flow/ and the store a word is its index,
// wherever a human looks it is the word. What each means is in the tables that they are made from.

/** The two ends. As index: me = flow * 2 + side, peer = me ^ 1. */
export const ENDPOINTS = wordsOf(ENDPOINT_WORDS);
export type Endpoint = (typeof ENDPOINTS)[number];
export const CLIENT = 0;
export const SERVER = 1;
/** In `closed_first`: two FINs crossed. */
export const BOTH = 2;
/** Whose FIN or RST began the close. */
export const CLOSED_FIRST = wordsOf(CLOSED_FIRST_WORDS);

/**
 * The states of RFC 9293, and UNKNOWN. No endpoint ever goes back in this order: each state is entered once at
 * most, and left when the next one is entered. An endpoint met mid-stream was UNKNOWN before its first state, too,
 * which only the flow's first segment tells.
 */
export const STATES = wordsOf(STATE_WORDS);
export type StateName = (typeof STATES)[number];
/** Why a state counts as entered at its time. */
export const EVIDENCE = wordsOf(STATE_EVIDENCE_WORDS);
/** What decided which end is the client. */
export const ROLE_EVIDENCE = wordsOf(ROLE_EVIDENCE_WORDS);

/** How a flow ended. */
export const CLOSE_KINDS = wordsOf(CLOSE_KIND_WORDS);
/** What an RST most likely was, a hypothesis. */
export const RESET_KINDS = wordsOf(RESET_KIND_WORDS);
/** What speaks for a reset kind. */
export const RESET_EVIDENCE = wordsOf(RESET_EVIDENCE_WORDS);

/** What ended a TIME_WAIT. */
export const TIME_WAIT_ENDS = wordsOf(TIME_WAIT_END_WORDS);
/** What is known of a TIME_WAIT's end. */
export const TIME_WAIT_EVIDENCE = wordsOf(TIME_WAIT_EVIDENCE_WORDS);
/** Whose TIME_WAIT length was expected. */
export const PROFILES = wordsOf(PROFILE_WORDS);
/** Why that profile was taken. */
export const PROFILE_EVIDENCE = wordsOf(PROFILE_EVIDENCE_WORDS);
/** Systems told apart by the fingerprints of their SYNs. */
export const STACKS = wordsOf(STACK_WORDS);

/** Zeek's conn_state. */
export const ZEEK_CONN_STATES = wordsOf(ZEEK_CONN_STATE_WORDS);
/** What a segment meant for the close. */
export const MEANINGS = wordsOf(MEANING_WORDS);
