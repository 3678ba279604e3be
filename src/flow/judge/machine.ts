import { code } from '../format/word-table.ts';
import { STATES, type StateName } from '../format/words.ts';
import { FACT_COUNT } from '../table/facts.ts';

// RFC 9293 figure 5, run for each endpoint separately, as an observer needs it. The events are the facts of
// facts.ts; UNKNOWN is an endpoint of which nothing has shown its state. A dot: the event changes nothing.
// CLOSED has no row: nothing follows it. An arrow without a letter is in figure 5; the others are there
// because:
//
// a  The flow was under way when the capture began: the first evidence of an endpoint shows how far it was.
// b  A FIN may go with or right after a SYN (TCP Fast Open, RFC 7413 4.2).
// c  A FIN may arrive before the ACK of SYN is known to have (3.10.7.4, eighth step, SYN-RECEIVED STATE).
// d  ABORT deletes the connection (3.10.5, 3.5.2). A note below figure 5 has the sender of an RST wait in
//    TIME-WAIT; Linux, like the BSDs, does not (tcp_send_active_reset() in net/ipv4/tcp_output.c).
// e  An RST ends every state (3.10.7.3; 3.10.7.4, second step): follow/reset.ts has found it acceptable
//    (RFC 5961 3). Figure 5 has SYN-RECEIVED return to LISTEN: a listener is a socket of its own
//    (tcp_check_req() in net/ipv4/tcp_minisocks.c).
// f  As e; RFC 1337 3 advises to ignore it in TIME-WAIT, which Linux does with net.ipv4.tcp_rfc1337 = 1.
// g  Its RST answers a late segment: TIME_WAIT was over by then (3.10.7.1).
// h  R2: a SYN or SYN-ACK stays unacknowledged (3.8.3; tcp_syn_retries, tcp_synack_retries).
// i  R2: a FIN stays unacknowledged (3.8.3; tcp_orphan_retries, tcp_write_timeout() in net/ipv4/tcp_timer.c).
// j  No timeout in the RFC; systems drop an orphan (tcp_fin_timeout, tcp_rcv_state_process()).
//
// Two arrows are not here. FIN_WAIT_1 to TIME_WAIT is two events of one segment: its ACK comes before its
// FIN (3.10.7.4). A SYN that reuses the 4-tuple (3.6.1, RFC 6191) is no event of the old socket: see
// state-times.ts and time-wait-end.ts.
const FIGURE_5 = `
              | snd SYN  | rcv SYN      | rcv ACK of SYN | snd FIN      | rcv ACK of FIN | rcv FIN      | snd RST  | rcv RST  | timeout
 UNKNOWN      | SYN_SENT | SYN_RECEIVED | ESTABLISHED a  | FIN_WAIT_1 a | .              | CLOSE_WAIT a | CLOSED d | CLOSED e | .
 SYN_SENT     | .        | SYN_RECEIVED | ESTABLISHED    | FIN_WAIT_1 b | .              | .            | CLOSED d | CLOSED e | CLOSED h
 SYN_RECEIVED | .        | .            | ESTABLISHED    | FIN_WAIT_1   | .              | CLOSE_WAIT c | CLOSED d | CLOSED e | CLOSED h
 ESTABLISHED  | .        | .            | .              | FIN_WAIT_1   | .              | CLOSE_WAIT   | CLOSED d | CLOSED e | .
 FIN_WAIT_1   | .        | .            | .              | .            | FIN_WAIT_2     | CLOSING      | CLOSED d | CLOSED e | CLOSED i
 FIN_WAIT_2   | .        | .            | .              | .            | .              | TIME_WAIT    | CLOSED d | CLOSED e | CLOSED j
 CLOSING      | .        | .            | .              | .            | TIME_WAIT      | .            | CLOSED d | CLOSED e | CLOSED i
 TIME_WAIT    | .        | .            | .              | .            | .              | .            | CLOSED g | CLOSED f | CLOSED
 CLOSE_WAIT   | .        | .            | .              | LAST_ACK     | .              | .            | CLOSED d | CLOSED e | .
 LAST_ACK     | .        | .            | .              | .            | CLOSED         | .            | CLOSED d | CLOSED e | CLOSED i
`;

/** The event after the facts: a timer ran out. */
export const TIMEOUT = FACT_COUNT;
const EVENTS = FACT_COUNT + 1;

/** The state before the first fact, and of an endpoint whose close began before the capture (see doubt.ts). */
export const UNKNOWN = code(STATES, 'UNKNOWN');

/** `next[state * EVENTS + event]`; the state itself if the event changes nothing. */
const next = compile();

/** The state after an event. `state` is a code, `event` a fact or TIMEOUT. */
export function transition(state: number, event: number): number {
  return next[state * EVENTS + event]!;
}

function compile(): Int8Array {
  const table = new Int8Array(STATES.length * EVENTS);
  STATES.forEach((_, state) => {
    table.fill(state, state * EVENTS, (state + 1) * EVENTS);
  });
  for (const line of FIGURE_5.trim().split('\n').slice(1)) {
    const [name, ...cells] = line.split('|').map((cell) => cell.trim());
    const state = code(STATES, name as StateName);
    cells.forEach((cell, event) => {
      if (cell !== '.') table[state * EVENTS + event] = code(STATES, cell.split(' ')[0] as StateName);
    });
  }
  return table;
}
