import { HISTORY_LENGTH } from '../format/batch.ts';

// The record of a flow in the table: its columns and their meanings. It has two halves, one per endpoint; the
// columns of the flow fill them up. What most segments touch lies together, 64 bytes in each half for an
// endpoint and as much for the flow. They begin 16 bytes before a multiple of 64, as the C library places
// large blocks 16 bytes after the begin of a page: each part is then one line of a processor's cache.

/** 32-bit words of an endpoint's half. */
export const END_WIDTH = 64;
/** 32-bit words of a flow's record. */
export const FLOW_WIDTH = 2 * END_WIDTH;
/** The same in float64 numbers. */
export const END_NUMBER_WIDTH = END_WIDTH / 2;
export const FLOW_TIME_WIDTH = FLOW_WIDTH / 2;

/**
 * Columns of an endpoint in `endNumber` (float64): when a new connection of the same 4-tuple shows that this end's
 * socket was gone; 0 for never.
 */
export const REPLACED_AT = 0;

/** Columns of an endpoint in `end` (32-bit words); `me = flow * 2 + side`. */
/** Eight facts (facts.ts), each an entry of the trail, 0 if it did not happen. */
export const FACTS = 2;
/** Initial sequence number; of a flow captured mid-stream, the one before the first captured. */
export const BASE = 10;
/** Sequence number after its FIN. */
export const FIN_END = 11;

/** What most segments touch: first in `endNumber`, when its last segment came. */
export const SEEN_AT = 6;
/** When it sent its last new data. */
export const DATA_AT = 7;
/** When the last data was sent that it had sent or acknowledged before it closed. */
export const ACTIVE_AT = 8;
export const BYTES = 9;
/** Then in `end`. */
export const BITS = 20;
/** Sequence number after all it sent (SND.NXT). */
export const SND_NXT = 21;
/** Highest acknowledgment it sent (RCV.NXT). */
export const RCV_NXT = 22;
/** Digest of its last segment, to recognize a frame that was captured twice. */
export const DIGEST = 23;
export const SEGMENTS = 24;
/** Zeek's endpoint state and the letters of its history that are written. */
export const ZEEK = 25;
/** Its last new data: the frame, and its length with its first byte (data-word.ts). */
export const DATA_FRAME = 26;
export const DATA_LENGTH = 27;

/** What fewer touch. */
export const RETRANSMISSIONS = 28;
export const FINS = 29;
export const RSTS = 30;
/** Evidence of its facts, 4 bits each. */
export const EVIDENCE_OF = 31;
/** First sequence number that is missing, with PREVIOUS_MISSING. */
export const MISSING_SEQ = 32;
/** Round trip from the capture point to it and back, microseconds, 0 unknown. */
export const ROUND_TRIP = 33;
/** A SYN with a new ISN on this open flow that is not answered yet: its ISN and its entry in the trail. */
export const PENDING_SYN_ISN = 34;
export const PENDING_SYN = 35;
export const DUPLICATES = 36;
/** How often its TIME_WAIT was re-armed, and the entry that did so last. */
export const REARMED = 37;
export const REARMED_BY = 38;
/** Sequence number of its last S, H, F or R in the history. */
export const ZEEK_SEQ = 39;
/** How often T, W and G have occurred, 10 bits each. */
export const ZEEK_TIMES = 40;
/** D-SACKs that its peer sent it. */
export const DSACKS = 41;
/** Microseconds for which its receive window was closed, at most 2^32 - 1, until its last segment. */
export const WINDOW_CLOSED_US = 42;

/** Columns of a flow in `flow` (32-bit words), in the client's half. */
/** Entry of the first data of the peer beyond what the flow's first FIN acknowledges, 0 for none. */
export const LATE_DATA = 43;
/** In `flowTime` (microseconds since the epoch). */
export const FIRST_AT = 22;
/** Its trail (trail.ts): the first and the last entry, and how many there are. */
export const TRAIL_HEAD = 46;
export const TRAIL_TAIL = 47;
export const TRAIL_COUNT = 48;
export const FIRST_FRAME = 49;
/** Flow + 1 that expires next after this one; also chains the free flows. */
export const NEXT_DUE = 50;
/** The file of its first segment, by its index in the run. */
export const FILE = 51;
/** Letters of Zeek's history so far. */
export const HISTORY_COUNT = 52;
/** Flow + 1 that expires just before this one. */
export const PREVIOUS_DUE = 53;
/** Entry of the last segment after a long silence, 0 for none. */
export const RESUMED_BY = 54;
/** Entry of the first ICMP error that quotes a segment of it, 0 for none. */
export const ICMP_BY = 55;
/** Bytes to Zeek's history, the last of the client's half. */
export const HISTORY = (END_WIDTH - HISTORY_LENGTH / 4) * 4;

/** Columns of a flow in the server's half. What most segments touch: first in `flowTime`. */
export const LAST_AT = END_NUMBER_WIDTH + 22;
/** Then in `flow`. */
export const STATUS = END_WIDTH + 46;
export const LAST_FRAME = END_WIDTH + 47;
/** Flow + 1 that had the same 4-tuple before, until it is known what became of it. */
export const PREVIOUS = END_WIDTH + 48;
/** The key: the low end's address, the high end's address, both ports. */
export const KEY = END_WIDTH + 49;
export const KEY_WIDTH = 9;
export const HASH = END_WIDTH + 58;
/** How often segments of the client, and of the server, were acknowledged that were never captured. */
export const MISSED = END_WIDTH + 60;
/** How often data of the server followed data of the client (data.ts). */
export const EXCHANGES = END_WIDTH + 43;
/** The first segment of the last turn: its microseconds after the peer's last data, at most 2^32 - 1, and its length. */
export const TURN_AFTER = END_WIDTH + 62;
export const TURN_LENGTH = END_WIDTH + 63;

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
/** It has sent data since its peer last did (data.ts). */
export const SPOKE_LAST = 1 << 15;
/** Bits 16-23: TTL of its first segment; bits 24-26: index in STACKS + 1, 0 unknown. */
export const TTL_SHIFT = 16;
export const STACK_SHIFT = 24;
export const STACK_MASK = 7 << STACK_SHIFT;
/** Bits 27-31: window scale of its SYN + 2, 1 without that option, 0 unknown. */
export const SCALE_SHIFT = 27;
