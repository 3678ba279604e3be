import { wordTable } from './word-table.ts';

// What segments meant for the close, and Zeek's word for the flow.

export const ZEEK_CONN_STATE_WORDS = wordTable({
  about: "Zeek's conn_state values.",
  columns: ['flows.zeek_conn_state'],
  words: [
    { word: 'S0', meaning: 'a SYN and no answer' },
    { word: 'S1', meaning: 'established, and nobody has closed' },
    { word: 'SF', meaning: 'established and closed by both ends' },
    { word: 'REJ', meaning: 'the SYN was refused' },
    { word: 'S2', meaning: 'established; only the originator has closed' },
    { word: 'S3', meaning: 'established; only the responder has closed' },
    { word: 'RSTO', meaning: 'established; the originator aborted' },
    { word: 'RSTR', meaning: 'the responder aborted' },
    { word: 'RSTOS0', meaning: 'the originator sent SYN, then RST; the responder sent nothing' },
    { word: 'RSTRH', meaning: 'the responder sent SYN-ACK, then RST; no SYN was seen of the originator' },
    { word: 'SH', meaning: 'the originator sent SYN, then FIN; no SYN-ACK was seen' },
    { word: 'SHR', meaning: 'the responder sent SYN-ACK, then FIN; no SYN was seen' },
    { word: 'OTH', meaning: 'no SYN was seen: the connection was open before the capture began' },
  ],
});

export const MEANING_WORDS = wordTable({
  about: 'What a segment meant for the close.',
  columns: ['close_segments.meaning'],
  words: [
    { word: 'SYN', meaning: 'asks for the connection' },
    { word: 'retransmitted SYN', meaning: 'the same again' },
    { word: 'SYN-ACK', meaning: 'agrees to it' },
    { word: 'retransmitted SYN-ACK', meaning: 'the same again' },
    { word: 'ACK of SYN', meaning: 'acknowledges the SYN-ACK: the connection is open' },
    { word: 'FIN', meaning: 'its sender has closed its direction' },
    { word: 'FIN, ACK of FIN', meaning: "closes and acknowledges the peer's FIN in one" },
    { word: 'retransmitted FIN', meaning: 'the FIN again: no acknowledgment of it had arrived' },
    { word: 'retransmitted data', meaning: 'data before a FIN again, which the FIN has to wait for' },
    { word: 'ACK of FIN', meaning: "acknowledges the peer's FIN" },
    { word: 'repeated ACK of FIN', meaning: 'the same again, as an answer to a late segment' },
    { word: 'ACK short of FIN', meaning: "acknowledges less than the peer's FIN" },
    {
      word: 'data after FIN',
      meaning: 'the peer has closed; its sender still sends, and acknowledges the FIN',
    },
    { word: 'RST', meaning: 'aborts the connection' },
    { word: 'repeated RST', meaning: 'the same again' },
    { word: 'RST in TIME_WAIT', meaning: 'reaches an end in TIME_WAIT and kills it (RFC 1337)' },
    { word: 'RST after the close', meaning: 'both directions were closed already' },
    {
      word: 'spurious RST',
      meaning: 'its sender went on: somebody else sent it, or it belongs to something else',
    },
    { word: 'RST out of window', meaning: 'not acceptable: its receiver ignores it' },
    { word: 'RST refusing SYN', meaning: 'answers a SYN: nobody listens' },
    { word: 'challenge ACK', meaning: 'answers a SYN that does not fit (RFC 5961)' },
    { word: 'SYN on an open flow', meaning: 'a SYN where a connection is open already' },
    { word: 'keep-alive', meaning: 'asks whether the peer is still there' },
    { word: 'after a long silence', meaning: 'the first segment after it' },
    { word: 'first segment', meaning: 'the first that was captured of a connection that was open before' },
    {
      word: 'data crossing FIN',
      meaning: 'the peer has closed, but its FIN had not arrived when this was sent',
    },
    {
      word: 'spurious retransmitted FIN',
      meaning: 'the FIN again, which had arrived before: its receiver reports it (D-SACK, RFC 2883)',
    },
    { word: 'spurious retransmitted data', meaning: 'the same of data before a FIN' },
    {
      word: 'ICMP error',
      meaning:
        'no segment: an ICMP or ICMPv6 error that quotes one of `endpoint`, the first of the flow; `flows` has its type, code and sender',
    },
    { word: 'before a long silence', meaning: 'the last segment before it' },
    {
      word: 'unacknowledged data',
      meaning: 'the last new data of its sender, which sent three times or more what nobody acknowledged',
    },
    {
      word: 'unacknowledged data after a long silence',
      meaning: 'the same, and the first segment after it',
    },
    { word: 'unanswered keep-alive', meaning: 'a keep-alive after which nothing came of the peer' },
    {
      word: 'data out of window',
      meaning:
        'its number is further ahead than any window: it is not of this connection, or the capture has a hole before it; the first of its sender',
    },
  ],
});
