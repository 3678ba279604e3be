import type {
  CLOSE_KINDS,
  CLOSED_FIRST,
  PROFILE_EVIDENCE,
  RESET_KINDS,
  TIME_WAIT_ENDS,
} from '../../flow/format/words.ts';
import type { Phrases } from '../ladder/verdict-words.ts';

// Notes after the words of flow/words.ts in tables that count them.

export const CLOSE_KIND_NOTES: Phrases<typeof CLOSE_KINDS> = {
  fin: 'both ends sent FIN, both acknowledged',
  'fin-unacked': 'both ends sent FIN, the last ACK is missing',
  half: 'only one end has sent FIN',
  reset: 'RST without any FIN',
  'fin-reset': 'FIN, then RST before the close was complete',
  refused: 'SYN answered by RST',
  unanswered: 'SYN without an answer',
  open: 'no FIN and no RST seen',
};

export const CLOSED_FIRST_NOTES: Phrases<typeof CLOSED_FIRST> = {
  client: '',
  server: '',
  both: 'their FINs crossed',
};

export const RESET_KIND_NOTES: Phrases<typeof RESET_KINDS> = {
  refused: 'nobody listens on the port',
  'data-after-close': 'data came after close()',
  'unread-data-or-linger': 'unread data, SO_LINGER 0 or exit',
  'time-wait-kill': 'it ended a TIME_WAIT (RFC 1337)',
  'late-segment': 'a segment came after the end',
  idle: 'forgotten in a long silence',
  injected: 'by somebody between the ends',
  'keep-alive-failed': 'keep-alives had no answer',
  unknown: 'nothing shows why',
};

export const TIME_WAIT_END_NOTES: Phrases<typeof TIME_WAIT_ENDS> = {
  reopened: 'a new connection took its place',
  reset: 'RST',
  refused: 'its holder refused a late segment: it was over',
  expired: 'its expected length has passed, which no packet shows',
  'capture-end': 'none: it stood when the capture ended',
  evicted: 'none: its flow was evicted to save memory',
  kernel: "its time: its host's table of sockets had it no more",
};

export const PROFILE_EVIDENCE_NOTES: Phrases<typeof PROFILE_EVIDENCE> = {
  default: 'the default',
  given: 'as given',
  syn: 'by their SYNs',
};
