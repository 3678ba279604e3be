// The words of the product, in the order of their codes: inside flow/ and the store a word is its
// index, wherever a human looks it is the word. A new word goes to the end of its list. docs/schema.md
// is made from the comments: the columns named above a list have its words.

/** The two ends (`flows.reset_by`). As index: me = flow * 2 + side, peer = me ^ 1. */
export const ENDPOINTS = ['client', 'server'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];
export const CLIENT = 0;
export const SERVER = 1;
/** In `closed_first`: two FINs crossed. */
export const BOTH = 2;
/** Whose FIN or RST began the close (`flows.closed_first`). */
export const CLOSED_FIRST = ['client', 'server', 'both'] as const;

/**
 * The states of RFC 9293 (`state_intervals.state`, `flows.client_state`, `flows.server_state`). In this
 * order no endpoint ever goes back: each is entered once at most, so its state times are ten, and a state is
 * left when the next visited one in this list is entered.
 */
export const STATES = [
  'SYN_SENT', // it has sent a SYN and waits for the answer
  'SYN_RECEIVED', // it has answered a SYN and waits for the acknowledgment
  'ESTABLISHED', // open; data can flow both ways
  'FIN_WAIT_1', // it has closed: its FIN is sent and not yet acknowledged
  'FIN_WAIT_2', // its FIN is acknowledged; it waits for the peer's
  'CLOSING', // two FINs crossed; it waits for the acknowledgment of its own
  'TIME_WAIT', // both directions are closed; it waits for late segments to die out
  'CLOSE_WAIT', // the peer has closed; it waits for its own program to close
  'LAST_ACK', // it has closed after its peer and waits for the last acknowledgment
  'CLOSED', // over
] as const;
export type StateName = (typeof STATES)[number];

/** On what ground a state counts as entered at its time (`state_intervals.evidence`). */
export const EVIDENCE = [
  'none', // nothing is known
  'sent', // the endpoint's own segment was captured (a FIN, SYN or RST it sent)
  'acked', // the segment to it was captured, and its own acknowledgment shows that it arrived
  'seen', // the segment to it was captured; nothing it did afterwards speaks against its arrival
  'implied', // what it did next is possible only in this state
  'inferred', // the segment was never captured; the acknowledgment of it was
  'mid-stream', // the flow was under way when its first segment was captured
  'timer', // the expected time of the state passed inside the capture
  'rst-sent', // it sent an RST
  'rst-received', // an acceptable RST to it was captured and it fell silent
  'reopened', // a new connection of the same addresses and ports took its place
  'kernel', // the host's own table of sockets (live --kernel) had it no more
] as const;

/** How a flow ended (`flows.close_kind`). */
export const CLOSE_KINDS = [
  'fin', // both directions ended by FIN, and both FINs were acknowledged
  'fin-unacked', // both ends sent FIN; an acknowledgment is missing
  'half', // only one end sent FIN
  'reset', // RST without any FIN
  'fin-reset', // FIN, then RST before the close was complete
  'refused', // a SYN answered by RST
  'unanswered', // a SYN without any answer
  'open', // no close was seen
] as const;

/** What an RST most likely was (`flows.reset_kind`), a hypothesis. */
export const RESET_KINDS = [
  'refused', // nobody listens on that port, or a firewall answers for it
  'data-after-close', // data came for a socket whose program had closed it
  'unread-data-or-linger', // the program closed with data unread or with SO_LINGER 0, or ended
  'time-wait-kill', // it ended a TIME_WAIT (RFC 1337)
  'late-segment', // a segment came for a connection that was over
  'idle', // the connection was idle, and one end, or a firewall, had forgotten it
  'injected', // somebody between the ends sent it
  'keep-alive-failed', // keep-alives had found no answer
  'unknown', // nothing speaks for any of them
] as const;

/** What speaks for a reset_kind (`flows.reset_evidence`). */
export const RESET_EVIDENCE = [
  'none', // nothing
  'answers-syn', // it is the only answer to a SYN
  'other-ttl', // its TTL is not that of its sender's other segments
  'sender-went-on', // its sender went on as if it had not sent it
  'peer-in-time-wait', // its receiver was in TIME_WAIT
  'after-close', // its sender had closed, and everything was acknowledged
  'no-socket', // it has no ACK: its sender has no socket any more
  'probes-unanswered', // its sender's keep-alives were not answered
  'after-silence', // it answers the first segment after a long silence
  'data-after-fin', // its sender had sent FIN, and the peer sent data after that
  'data-from-peer', // an abort, and the peer had sent data: some may have been unread
  'no-data-from-peer', // an abort, and the peer had sent no data: SO_LINGER, or the program's end
] as const;

/** What decided which end is the client (`flows.role_evidence`). */
export const ROLE_EVIDENCE = [
  'syn', // the client sent the SYN
  'syn-ack', // the SYN-ACK went to it
  'lower-port', // a guess: the server has the lower port
  'first-segment', // a guess: the client sent the first segment that was captured
] as const;

/** What ended a TIME_WAIT (`time_waits.ended_by`). */
export const TIME_WAIT_ENDS = [
  'reopened', // a new connection of the same addresses and ports took its place
  'reset', // an RST killed it (RFC 1337)
  'refused', // its holder answered a late segment with RST: it was gone by then
  'expired', // its expected length passed inside the capture
  'capture-end', // nothing: the capture ended first
  'evicted', // nothing: the flow was let go early to bound memory
  'kernel', // its time: the host's own table of sockets (live --kernel) had it no more
] as const;

/** What is known of a TIME_WAIT's end (`time_waits.evidence`). */
export const TIME_WAIT_EVIDENCE = [
  'none', // nothing: the capture, or the watching, ended first
  'profile', // its expected length has passed
  'syn-accepted', // a SYN of the same addresses and ports was accepted
  'isn-65537', // the new connection's ISN is the old snd_nxt + 65537: Linux has recycled the TIME_WAIT
  'rst-received', // an RST at rcv_nxt reached it
  'rst-sent', // it answered a late segment with RST: it was gone by then
  'kernel', // the host's own table of sockets (live --kernel)
] as const;

/** Whose TIME_WAIT length was expected (`time_waits.profile`). */
export const PROFILES = [
  'given', // seconds that the user gave
  'rfc', // 240 s: twice the MSL of RFC 9293
  'linux', // 60 s, fixed in the kernel
  'macos', // 30 s, twice net.inet.tcp.msl
  'freebsd', // 60 s, twice net.inet.tcp.msl
  'solaris', // 60 s, tcp_time_wait_interval
  'windows', // 120 s, TcpTimedWaitDelay
] as const;

/** Why that profile was taken (`time_waits.profile_evidence`). */
export const PROFILE_EVIDENCE = [
  'default', // nothing else was given or known
  'given', // the user gave it
  'syn', // the endpoint's SYN or SYN-ACK speaks for it
] as const;

/** Systems that a SYN's handwriting tells apart (`flows.client_stack`, `flows.server_stack`). */
export const STACKS = ['linux', 'macos', 'freebsd', 'solaris', 'windows'] as const;

/** Zeek's conn_state values (`flows.zeek_conn_state`). */
export const ZEEK_CONN_STATES = [
  'S0', // a SYN and no answer
  'S1', // established, and nobody has closed
  'SF', // established and closed by both ends
  'REJ', // the SYN was refused
  'S2', // established; only the originator has closed
  'S3', // established; only the responder has closed
  'RSTO', // established; the originator aborted
  'RSTR', // the responder aborted
  'RSTOS0', // the originator sent SYN, then RST; the responder sent nothing
  'RSTRH', // the responder sent SYN-ACK, then RST; no SYN was seen of the originator
  'SH', // the originator sent SYN, then FIN; no SYN-ACK was seen
  'SHR', // the responder sent SYN-ACK, then FIN; no SYN was seen
  'OTH', // no SYN was seen: the connection was open before the capture began
] as const;

/** What a segment meant for the close (`close_segments.meaning`). */
export const MEANINGS = [
  'SYN', // asks for the connection
  'retransmitted SYN', // the same again
  'SYN-ACK', // agrees to it
  'retransmitted SYN-ACK', // the same again
  'ACK of SYN', // acknowledges the SYN-ACK: the connection is open
  'FIN', // its sender has closed its direction
  'FIN, ACK of FIN', // closes and acknowledges the peer's FIN in one
  'retransmitted FIN', // the FIN again: no acknowledgment had arrived
  'retransmitted data', // data before a FIN again, which the FIN has to wait for
  'ACK of FIN', // acknowledges the peer's FIN
  'repeated ACK of FIN', // the same again, as an answer to a late segment
  'ACK short of FIN', // acknowledges less than the peer's FIN
  'data after FIN', // the peer has closed; its sender still sends, and acknowledges the FIN
  'RST', // aborts the connection
  'repeated RST', // the same again
  'RST in TIME_WAIT', // reaches an end in TIME_WAIT and kills it (RFC 1337)
  'RST after the close', // both directions were closed already
  'RST taken back', // its sender went on: somebody else sent it, or it belongs to something else
  'RST out of window', // not acceptable: its receiver ignores it
  'RST refusing SYN', // answers a SYN: nobody listens
  'challenge ACK', // answers a SYN that does not fit (RFC 5961)
  'SYN on an open flow', // a SYN where a connection is open already
  'keep-alive', // asks whether the peer is still there
  'after a long silence', // the first segment after it
  'first segment', // the first that was captured of a connection that was open before
] as const;
