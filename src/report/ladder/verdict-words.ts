import type {
  CLOSE_KINDS,
  EVIDENCE,
  PROFILE_EVIDENCE,
  PROFILES,
  RESET_EVIDENCE,
  RESET_KINDS,
  ROLE_EVIDENCE,
  TIME_WAIT_ENDS,
  TIME_WAIT_EVIDENCE,
} from '../../flow/format/words.ts';

// The words of flow/words.ts in sentences. A word without a phrase does not compile.

/** A phrase for each word of a list. */
export type Phrases<List extends readonly string[]> = Readonly<Record<List[number], string>>;

/** A sentence on how the flow ended. */
export const CLOSE_KIND: Phrases<typeof CLOSE_KINDS> = {
  fin: 'Both FINs were acknowledged.',
  'fin-unacked': 'Both ends sent FIN; an ACK of a FIN is missing.',
  half: 'The other end has sent neither FIN nor RST.',
  reset: 'RST ended the connection; nobody had sent FIN.',
  'fin-reset': 'RST ended the connection before the close was complete.',
  refused: 'The SYN was answered by RST: the connection was refused.',
  unanswered: 'No answer to the SYN was captured.',
  open: 'Neither end has sent FIN or RST.',
};

/** `The server sent RST, ...` */
export const RESET_KIND: Phrases<typeof RESET_KINDS> = {
  refused: 'most likely because nothing listens on the port',
  'data-after-close': 'most likely because data came after the program had closed its socket',
  'unread-data-or-linger': 'most likely an abort: close() with unread data, or with SO_LINGER 0',
  'time-wait-kill': 'which ended a TIME_WAIT early (RFC 1337)',
  'late-segment': 'most likely because its kernel no longer knew the connection',
  idle: 'most likely because the connection had been forgotten in a long silence',
  injected: 'which most likely somebody between the ends put in',
  'keep-alive-failed': 'most likely because its keep-alive probes were not answered',
  unknown: 'and packets do not show why',
};

/** What speaks for that; '' where nothing does. */
export const RESET_REASON: Phrases<typeof RESET_EVIDENCE> = {
  none: '',
  'answers-syn': 'it is the only answer to the SYN',
  'other-ttl': "its TTL is not that of the sender's other segments",
  'sender-went-on': 'the sender went on as if it had not sent it',
  'peer-in-time-wait': 'the peer was in TIME_WAIT',
  'after-close': 'the sender had closed, and everything was acknowledged',
  'no-socket': 'it has no ACK, as from a kernel that has no such socket',
  'probes-unanswered': 'its keep-alives had no answer',
  'after-silence': 'it answers the first segment after the silence',
  'data-after-fin': 'the peer sent data after the FIN',
  'data-from-peer': 'the peer had sent data, and some may have been unread',
  'no-data-from-peer': 'the peer had sent nothing that could be unread: SO_LINGER, or the program ended',
};

/** How the client was distinguished from the server; '' if by its SYN. */
export const ROLE: Phrases<typeof ROLE_EVIDENCE> = {
  syn: '',
  'syn-ack': 'The SYN was not captured: the SYN-ACK says who is the client.',
  'lower-port': 'No SYN was captured: that the lower port is the server is a guess.',
  'first-segment': 'No SYN was captured: that the client sent the first segment is a guess.',
};

/** Until when a TIME_WAIT is known to have lasted. */
export const TIME_WAIT_END: Phrases<typeof TIME_WAIT_ENDS> = {
  reopened: 'until a new connection took its place',
  reset: 'until RST ended it (RFC 1337)',
  refused: 'then RST showed that it was gone',
  expired: 'its expected length passed inside the capture',
  'capture-end': 'until the capture ended',
  evicted: 'until finwait evicted the flow',
  kernel: 'then it was gone',
};

/** On what evidence; '' where there is nothing to add. */
export const TIME_WAIT_REASON: Phrases<typeof TIME_WAIT_EVIDENCE> = {
  none: '',
  profile: 'no packet shows it',
  'syn-accepted': 'its SYN was accepted',
  'isn-65537': "the new ISN is the old one's next number + 65537, so Linux has recycled it",
  'rst-received': 'that RST was at the sequence number it expected',
  'rst-sent': 'a late segment was answered by RST',
  kernel: "by its host's own table of sockets",
};

/** Whose TIME_WAIT was expected. */
export const PROFILE: Phrases<typeof PROFILES> = {
  given: 'the length that was given',
  rfc: '2 MSL of RFC 9293',
  linux: 'Linux',
  macos: 'macOS',
  freebsd: 'FreeBSD',
  solaris: 'Solaris',
  windows: 'Windows',
};

/** Why that one. */
export const PROFILE_REASON: Phrases<typeof PROFILE_EVIDENCE> = {
  default: 'the default',
  given: 'as given',
  syn: 'as its SYN looks',
};

/** Why a state counts as entered. */
export const STATE_EVIDENCE: Phrases<typeof EVIDENCE> = {
  none: 'nothing noted',
  sent: 'its own segment was captured',
  acked: 'its ACK shows what it had got',
  seen: 'the segment to it was captured',
  implied: 'what it did next shows it',
  inferred: 'its segment is missing, the ACK of it is not',
  'mid-stream': 'open before the capture began',
  timer: 'the expected length passed',
  'rst-sent': 'it sent RST',
  'rst-received': 'RST came, and it fell silent',
  reopened: 'a new connection took its place',
  kernel: "its host's table of sockets had it no more",
};
