// The words of the product, in the order of their codes: inside flow/ and the store a word is its
// index, wherever a human looks it is the word. A new word goes to the end of its list.

/** The two ends, as index: `me = flow * 2 + side`, `peer = me ^ 1`. */
export const ENDPOINTS = ['client', 'server'] as const;
export const CLIENT = 0;
export const SERVER = 1;
/** In `closed_first`: two FINs crossed. */
export const BOTH = 2;
export const CLOSED_FIRST = ['client', 'server', 'both'] as const;

/**
 * RFC 9293's states in an order in which no endpoint ever goes back: each is entered once at most,
 * so a life is ten times, and a state is left when the next visited one in this list is entered.
 */
export const STATES = [
  'SYN_SENT',
  'SYN_RECEIVED',
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSING',
  'TIME_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'CLOSED',
] as const;
export type StateName = (typeof STATES)[number];

/** On what ground a state counts as entered at its time (`state_intervals.evidence`). */
export const EVIDENCE = [
  'none',
  /** The endpoint's own segment was captured (a FIN, SYN or RST it sent). */
  'sent',
  /** The segment to it was captured, and its own acknowledgment shows that it arrived. */
  'acked',
  /** The segment to it was captured; nothing it did afterwards speaks against its arrival. */
  'seen',
  /** What it did next is possible only in this state. */
  'implied',
  /** The segment was never captured; the acknowledgment of it was. */
  'inferred',
  /** The flow was under way when its first segment was captured. */
  'mid-stream',
  /** The expected time of the state passed inside the capture. */
  'timer',
  /** It sent an RST. */
  'rst-sent',
  /** An acceptable RST to it was captured and it fell silent. */
  'rst-received',
  /** A new connection of the same addresses and ports took its place. */
  'reopened',
] as const;

/** How a flow ended (`flows.close_kind`). */
export const CLOSE_KINDS = [
  'fin',
  'fin-unacked',
  'half',
  'reset',
  'fin-reset',
  'refused',
  'unanswered',
  'open',
] as const;

/** What an RST most likely was (`flows.reset_kind`), a hypothesis. */
export const RESET_KINDS = [
  'refused',
  'data-after-close',
  'unread-data-or-linger',
  'time-wait-kill',
  'late-segment',
  'idle',
  'injected',
  'keep-alive-failed',
  'unknown',
] as const;

/** What speaks for a reset_kind (`flows.reset_evidence`). */
export const RESET_EVIDENCE = [
  'none',
  /** It is the only answer to a SYN. */
  'answers-syn',
  /** Its TTL is not that of its sender's other segments. */
  'other-ttl',
  /** Its sender went on as if it had not sent it. */
  'sender-went-on',
  /** Its receiver was in TIME_WAIT. */
  'peer-in-time-wait',
  /** Its sender had closed, and everything was acknowledged. */
  'after-close',
  /** It has no ACK: its sender has no socket any more. */
  'no-socket',
  /** Its sender's keep-alives were not answered. */
  'probes-unanswered',
  /** It answers the first segment after a long silence. */
  'after-silence',
  /** Its sender had sent FIN, and the peer sent data after that. */
  'data-after-fin',
  /** An abort, and the peer had sent data: some may have been unread. */
  'data-from-peer',
  /** An abort, and the peer had sent no data that could be unread: SO_LINGER, or the program's end. */
  'no-data-from-peer',
] as const;

/** What decided which end is the client (`flows.role_evidence`). */
export const ROLE_EVIDENCE = ['syn', 'syn-ack', 'lower-port', 'first-segment'] as const;

/** What ended a TIME_WAIT (`time_waits.ended_by`). */
export const TIME_WAIT_ENDS = ['reopened', 'reset', 'refused', 'expired', 'capture-end', 'evicted'] as const;

/** What is known of a TIME_WAIT's end (`time_waits.evidence`). */
export const TIME_WAIT_EVIDENCE = [
  /** Nothing: the capture, or the watching, ended first. */
  'none',
  /** Its expected length has passed. */
  'profile',
  /** A SYN of the same addresses and ports was accepted. */
  'syn-accepted',
  /** The new connection's ISN is the old snd_nxt + 65537: Linux has recycled the TIME_WAIT. */
  'isn-65537',
  /** An RST at rcv_nxt reached it. */
  'rst-received',
  /** It answered a late segment with RST: it was gone by then. */
  'rst-sent',
] as const;

/** Whose TIME_WAIT length was expected (`time_waits.profile`). */
export const PROFILES = ['given', 'rfc', 'linux', 'macos', 'freebsd', 'solaris', 'windows'] as const;

/** Why that profile was taken (`time_waits.profile_evidence`). */
export const PROFILE_EVIDENCE = [
  /** Nothing else was given or known. */
  'default',
  /** The user gave it. */
  'given',
  /** The endpoint's SYN or SYN-ACK speaks for it. */
  'syn',
] as const;

/** Systems that a SYN's handwriting tells apart (`flows.client_stack`, `flows.server_stack`). */
export const STACKS = ['linux', 'macos', 'freebsd', 'solaris', 'windows'] as const;

/** Zeek's conn_state values. */
export const ZEEK_CONN_STATES = [
  'S0',
  'S1',
  'SF',
  'REJ',
  'S2',
  'S3',
  'RSTO',
  'RSTR',
  'RSTOS0',
  'RSTRH',
  'SH',
  'SHR',
  'OTH',
] as const;

/** What a segment meant for the close (`close_segments.meaning`). */
export const MEANINGS = [
  'SYN',
  'retransmitted SYN',
  'SYN-ACK',
  'retransmitted SYN-ACK',
  'ACK of SYN',
  'FIN',
  'FIN, ACK of FIN',
  'retransmitted FIN',
  'retransmitted data',
  'ACK of FIN',
  'repeated ACK of FIN',
  'ACK short of FIN',
  'data after FIN',
  'RST',
  'repeated RST',
  'RST in TIME_WAIT',
  'RST after the close',
  'RST taken back',
  'RST out of window',
  'RST refusing SYN',
  'challenge ACK',
  'SYN on an open flow',
  'keep-alive',
  'after a long silence',
  'first segment',
] as const;
