import { HISTORY_LENGTH } from '../format/batch.ts';

// The record of a flow in the table: its columns and their meanings. It has two halves, one per endpoint, so
// that what a segment touches lies together; the columns of the flow fill up the halves.

/** 32-bit words of an endpoint's half. */
export const END_WIDTH = 62;
/** 32-bit words of a flow's record. */
export const FLOW_WIDTH = 2 * END_WIDTH;
/** The same in float64 numbers. */
export const END_NUMBER_WIDTH = END_WIDTH / 2;
export const FLOW_TIME_WIDTH = FLOW_WIDTH / 2;

/** Columns of an endpoint in `endNumber` (float64). */
export const BYTES = 0;
export const SEEN_AT = 1;
/** When a new connection of the same 4-tuple shows that this end's socket was gone; 0 for never. */
export const REPLACED_AT = 2;
/** When it sent its last new data. */
export const DATA_AT = 3;
/** When the last data was sent that it had sent or acknowledged before it closed. */
export const ACTIVE_AT = 4;

/** Columns of a flow in `flowTime` (microseconds since the epoch): each half has one. */
export const FIRST_AT = 5;
export const LAST_AT = END_NUMBER_WIDTH + 5;

/** Columns of an endpoint in `end` (32-bit words); `me = flow * 2 + side`. */
export const BITS = 12;
/** Initial sequence number; of a flow captured mid-stream, the one before the first captured. */
export const BASE = 13;
/** Sequence number after all it sent (SND.NXT). */
export const SND_NXT = 14;
/** Highest acknowledgment it sent (RCV.NXT). */
export const RCV_NXT = 15;
/** Sequence number after its FIN. */
export const FIN_END = 16;
export const SEGMENTS = 17;
export const RETRANSMISSIONS = 18;
export const FINS = 19;
export const RSTS = 20;
/** Evidence of its facts, 4 bits each. */
export const EVIDENCE_OF = 21;
/** Eight facts (facts.ts), each an entry of the trail, 0 if it did not happen. */
export const FACTS = 22;
/** A SYN with a new ISN on this open flow that is not answered yet: its ISN and its entry in the trail. */
export const PENDING_SYN_ISN = 30;
export const PENDING_SYN = 31;
/** Digest of its last segment, to recognize a frame that was captured twice. */
export const DIGEST = 32;
export const DUPLICATES = 33;
/** How often its TIME_WAIT was re-armed, and the entry that did so last. */
export const REARMED = 34;
export const REARMED_BY = 35;
/** Round trip from the capture point to it and back, microseconds, 0 unknown. */
export const ROUND_TRIP = 36;
/** Zeek's endpoint state and the letters of its history that are written. */
export const ZEEK = 37;
/** Sequence number of its last S, H, F or R in the history. */
export const ZEEK_SEQ = 38;
/** How often T, W and G have occurred, 10 bits each. */
export const ZEEK_TIMES = 39;
/** First sequence number that is missing, with PREVIOUS_MISSING. */
export const MISSING_SEQ = 40;

/** Its last new data: the frame, and its length with its first byte (trail.ts). */
export const DATA_FRAME = 41;
export const DATA_LENGTH = 42;
/** D-SACKs that its peer sent it. */
export const DSACKS = 43;
/** Microseconds for which its receive window was closed, at most 2^32 - 1, until its last segment. */
export const WINDOW_CLOSED_US = 44;

/** Columns of a flow in `flow` (32-bit words). */
export const HASH = 45;
export const STATUS = 46;
/** Its trail (trail.ts): the first and the last entry, and how many there are. */
export const TRAIL_HEAD = 47;
export const TRAIL_TAIL = 48;
export const TRAIL_COUNT = 49;
export const FIRST_FRAME = 50;
/** Flow + 1 that had the same 4-tuple before, until it is known what became of it. */
export const PREVIOUS = 51;
/** Flow + 1 that expires next after this one; also chains the free flows. */
export const NEXT_DUE = 52;
/** The file of its first segment, by its index in the run. */
export const FILE = 53;
/** Letters of Zeek's history so far. */
export const HISTORY_COUNT = 54;
/** Flow + 1 that expires just before this one. */
export const PREVIOUS_DUE = 55;
/** Entry of the last segment after a long silence, 0 for none. */
export const RESUMED_BY = 56;
export const LAST_FRAME = 57;
/** How often segments of the client, and of the server, were acknowledged that were never captured. */
export const MISSED = 58;
/** Entry of the first ICMP error that quotes a segment of it, 0 for none. */
export const ICMP_BY = 60;
/** Entry of the first data of the peer beyond what the flow's first FIN acknowledges, 0 for none. */
export const LATE_DATA = 61;

/** The key, after the server's columns: the low end's address, the high end's address, both ports. */
export const KEY = END_WIDTH + 45;
export const KEY_WIDTH = 9;
/** Bytes to Zeek's history, the last of a record. */
export const HISTORY = (FLOW_WIDTH - HISTORY_LENGTH / 4) * 4;

/** Bits of STATUS. */
export const CLIENT_IS_LOW = 1 << 0;
export const CLOSING_BEGUN = 1 << 1;
export const OPENING_DONE = 1 << 2;
/** In the queue of flows that are over and wait for their expiry. */
export const QUEUED = 1 << 3;
/** Only one end was captured, which acknowledges what the other sent. */
export const ONE_WAY = 1 << 4;
/** No longer in the hash table: a newer flow has its key. */
export const UNLINKED = 1 << 5;
/** Bits 8-11: the index of role_evidence. */
export const ROLE_SHIFT = 8;
/** Bits 12-15: the index of reset_evidence. */
export const RESET_EVIDENCE_SHIFT = 12;
export const RESET_EVIDENCE_MASK = 15 << RESET_EVIDENCE_SHIFT;
/** Bits 16-21: those of Wireshark's tcp.completeness. */
export const COMPLETENESS_SHIFT = 16;
export const COMPLETENESS_MASK = 63;

/** Bits of BITS. */
export const HAS_SEQ = 1 << 0;
export const HAS_SYN = 1 << 1;
export const HAS_ACK = 1 << 2;
export const HAS_FIN = 1 << 3;
/** Its FIN was never captured, only the acknowledgment of it. */
export const FIN_INFERRED = 1 << 4;
/** It has sent a segment without SYN and RST: its handshake was under way. */
export const SENT_NON_SYN = 1 << 5;
/**
 * SND_NXT comes from the peer's acknowledgment (Wireshark: ACKed unseen segment), or from a bare segment: its FIN may be
 * in what is missing.
 */
export const ACKED_UNSEEN = 1 << 6;
/** Its receive window is closed. */
export const WINDOW_CLOSED = 1 << 7;
/** One entry of this meaning is enough in the trail. */
export const LOGGED_SHORT_ACK = 1 << 8;
export const LOGGED_DATA_AFTER_FIN = 1 << 9;
/** Something before SND_NXT was not captured, or not yet (Wireshark: previous segment not captured). */
export const PREVIOUS_MISSING = 1 << 10;
/** The ISN of a new connection proves that its TIME_WAIT was recycled. */
export const RECYCLED = 1 << 11;
/**
 * Bits 12-13: how often it sent again what its peer has not acknowledged, since anything came of the peer; 3 stands
 * for that and more.
 */
export const REPEATS_SHIFT = 12;
export const REPEATS_MASK = 3 << REPEATS_SHIFT;
/** One entry for what is out of window is enough in the trail, too. */
export const LOGGED_OUT_OF_WINDOW = 1 << 14;
/** Bits 16-23: TTL of its first segment; bits 24-26: index in STACKS + 1, 0 unknown. */
export const TTL_SHIFT = 16;
export const STACK_SHIFT = 24;
export const STACK_MASK = 7 << STACK_SHIFT;
/** Bits 27-31: window scale of its SYN + 2, 1 without that option, 0 unknown. */
export const SCALE_SHIFT = 27;
