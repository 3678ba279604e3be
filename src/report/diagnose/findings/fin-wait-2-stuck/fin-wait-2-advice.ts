import type { Advice } from '../../frame/conclusion.ts';

const PEER =
  'Make the peer close: it is in CLOSE_WAIT all the while, and its program has been notified (recv() returned 0). See ' +
  'close-wait-leak.';
const NOT_TIME_WAIT =
  'tcp_fin_timeout has nothing to do with TIME_WAIT, and ends no FIN_WAIT_2 whose socket a program still holds.';

/** An RST answered the late FIN. */
export const ORPHANED: Advice = {
  title: 'orphans in FIN_WAIT_2: the peer closes too late, and gets RST',
  cause:
    'This end has closed, and nothing on it waits for the answer: its socket is an orphan in FIN_WAIT_2. The peer ' +
    'took longer to close than the kernel keeps such an orphan, so its FIN was answered by RST. What the peer ' +
    'still sent is lost, and its program may see ECONNRESET.',
  remedies: [
    PEER,
    'Where this end wants what the peer still sends: shutdown(SHUT_WR), read until recv() returns 0, then close().',
  ],
  notToDo: [
    'A longer net.ipv4.tcp_fin_timeout: more orphans then stand for longer, for an answer that nobody reads.',
    NOT_TIME_WAIT,
  ],
};

/** It still answers when an orphan would be gone. */
export const HELD: Advice = {
  title: 'shutdown() without close(): FIN_WAIT_2 that no timer ends',
  cause:
    'This end has sent its FIN and still answers, later than the kernel keeps an orphan: a program holds the socket. ' +
    'It called shutdown() and waits for the end of the peer, which does not close either. tcp_fin_timeout is for ' +
    'orphans only, so this lasts for as long as both programs do.',
  remedies: [
    'Give the wait after shutdown() a timeout (SO_RCVTIMEO, or a timer), and call close() when it is over.',
    PEER,
    'Find the holder on the host: ss -tnp state fin-wait-2 names the process; an orphan has none.',
  ],
  notToDo: [
    'A shorter net.ipv4.tcp_fin_timeout: it does not touch these sockets.',
    'tcp_tw_reuse or tcp_max_tw_buckets: there is no TIME_WAIT yet.',
  ],
};

/** Nothing has come since. */
export const SILENT: Advice = {
  title: 'FIN_WAIT_2: the peer has acknowledged the close, and does not close',
  cause:
    'The peer has acknowledged the FIN and sent none of its own. Whether this end still waits is unknown: as an ' +
    'orphan it was dropped after tcp_fin_timeout, silently; if its program called shutdown() only, it is still there.',
  remedies: [
    PEER,
    'On this host: ss -tnp state fin-wait-2. What names no process is an orphan, and goes by itself.',
  ],
  notToDo: [
    NOT_TIME_WAIT,
    'Aborting by RST (SO_LINGER 0) instead: the peer then loses what it has not read.',
  ],
};
