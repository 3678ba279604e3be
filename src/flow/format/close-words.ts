import { wordTable } from './word-table.ts';

// How flows ended, and what RSTs most likely were.

export const CLOSE_KIND_WORDS = wordTable({
  about: 'How a flow ended.',
  columns: ['flows.close_kind'],
  words: [
    {
      word: 'fin',
      meaning: 'both directions ended by FIN, and both FINs were acknowledged',
      note: 'both ends sent FIN, both acknowledged',
      sentence: 'Both FINs were acknowledged.',
    },
    {
      word: 'fin-unacked',
      meaning: 'both ends sent FIN; an acknowledgment is missing',
      note: 'both ends sent FIN, the last ACK is missing',
      sentence: 'Both ends sent FIN; an ACK of a FIN is missing.',
    },
    {
      word: 'half',
      meaning: 'only one end sent FIN',
      note: 'only one end has sent FIN',
      sentence: 'Neither FIN nor RST of the other end was captured.',
    },
    {
      word: 'reset',
      meaning: 'RST without any FIN',
      note: 'RST without any FIN',
      sentence: 'RST ended the connection; no FIN was captured.',
    },
    {
      word: 'fin-reset',
      meaning: 'FIN and RST, the close was not complete',
      note: 'FIN and RST, the close was not complete',
      sentence: 'RST ended the connection before the close was complete.',
    },
    {
      word: 'refused',
      meaning: 'a SYN answered by RST',
      note: 'SYN answered by RST',
      sentence: 'The SYN was answered by RST: the connection was refused.',
    },
    {
      word: 'unanswered',
      meaning: 'a SYN that no segment answered',
      note: 'SYN that no segment answered',
      sentence: 'No segment that answers the SYN was captured.',
    },
    {
      word: 'open',
      meaning: 'no close was seen',
      note: 'no FIN and no RST seen',
      sentence: 'Neither FIN nor RST was captured.',
    },
  ],
});

export const RESET_KIND_WORDS = wordTable({
  about: 'What an RST most likely was, a hypothesis.',
  columns: ['flows.reset_kind'],
  words: [
    {
      word: 'refused',
      meaning: 'nobody listens on that port, or a firewall answers for it',
      note: 'nobody listens on the port',
      sentence: 'most likely because nothing listens on the port',
    },
    {
      word: 'data-after-close',
      meaning: 'data came for a socket whose program had closed it',
      note: 'data came after close()',
      sentence: 'most likely because data came after the program had closed its socket',
    },
    {
      word: 'unread-data-or-linger',
      meaning: 'the program closed with data unread or with SO_LINGER 0, or ended',
      note: 'unread data, SO_LINGER 0 or exit',
      sentence: 'most likely an abort: close() with unread data, or with SO_LINGER 0',
    },
    {
      word: 'time-wait-assassination',
      meaning: 'it ended a TIME_WAIT (RFC 1337)',
      note: 'it ended a TIME_WAIT (RFC 1337)',
      sentence: 'which ended a TIME_WAIT early (RFC 1337)',
    },
    {
      word: 'late-segment',
      meaning: 'a segment came for a connection that was over',
      note: 'a segment came after the end',
      sentence: 'most likely because its kernel had no socket for the connection',
    },
    {
      word: 'idle',
      meaning: 'the connection was idle, and one end, or a firewall, had forgotten it',
      note: 'forgotten in a long silence',
      sentence: 'most likely because the connection had been forgotten in a long silence',
    },
    {
      word: 'injected',
      meaning: 'somebody between the ends sent it',
      note: 'by somebody between the ends',
      sentence: 'which most likely somebody between the ends put in',
    },
    {
      word: 'keep-alive-failed',
      meaning: 'keep-alives had found no answer',
      note: 'keep-alives had no answer',
      sentence: 'most likely because its keep-alive probes were not answered',
    },
    {
      word: 'unknown',
      meaning: 'nothing speaks for any of them',
      note: 'nothing shows why',
      sentence: 'and packets do not show why',
    },
  ],
});

export const RESET_EVIDENCE_WORDS = wordTable({
  about: 'What speaks for a reset_kind.',
  columns: ['flows.reset_evidence'],
  words: [
    { word: 'none', meaning: 'nothing', sentence: '' },
    {
      word: 'answers-syn',
      meaning: 'it is the only answer to a SYN',
      sentence: 'it is the only answer to the SYN',
    },
    {
      word: 'other-ttl',
      meaning: "its TTL is not that of its sender's other segments",
      sentence: "its TTL is not that of the sender's other segments",
    },
    {
      word: 'sender-went-on',
      meaning: 'its sender went on as if it had not sent it',
      sentence: 'the sender went on as if it had not sent it',
    },
    {
      word: 'peer-in-time-wait',
      meaning: 'its receiver was in TIME_WAIT',
      sentence: 'the peer was in TIME_WAIT',
    },
    {
      word: 'after-close',
      meaning: 'its sender had closed, and everything was acknowledged',
      sentence: 'the sender had closed, and everything was acknowledged',
    },
    {
      word: 'no-socket',
      meaning: 'it has no ACK: its sender has no socket any more',
      sentence: 'it has no ACK, as from a kernel that has no such socket',
    },
    {
      word: 'probes-unanswered',
      meaning: "its sender's keep-alives were not answered",
      sentence: 'its keep-alives had no answer',
    },
    {
      word: 'after-silence',
      meaning: 'it answers the first segment after a long silence',
      sentence: 'it answers the first segment after the silence',
    },
    {
      word: 'data-after-fin',
      meaning: 'its sender had sent FIN, and the peer sent data after that',
      sentence: 'the peer sent data after the FIN',
    },
    {
      word: 'data-from-peer',
      meaning: 'an abort, and the peer had sent data: some may have been unread',
      sentence: 'the peer had sent data, and some may have been unread',
    },
    {
      word: 'no-data-from-peer',
      meaning: "an abort, and the peer had sent no data: SO_LINGER, or the program's end",
      sentence: 'the peer had sent nothing that could be unread: SO_LINGER, or the program ended',
    },
    {
      word: 'data-crossed-fin',
      meaning: "its sender had sent FIN, and the peer's data crossed it",
      sentence: "the peer's data crossed the FIN",
    },
  ],
});
