import { STATES, type StateName } from '../format/words.ts';
import { FACT_COUNT } from '../table/facts.ts';

// RFC 9293 figure 5, once for each endpoint, as an observer needs it: the events are the facts of
// facts.ts, and UNKNOWN is an endpoint of which nothing has been seen. A dot means that the event
// changes nothing. CLOSED has no row: nothing follows it.
//
// - UNKNOWN: a flow that was under way when the capture began starts with its first evidence.
// - An RST ends every state: the tracker has made sure that it was acceptable.
// - SYN_RECEIVED: CLOSE and a FIN are possible before the handshake is complete (3.10.4, 3.10.7.4).
// - FIN_WAIT_2 has no timeout in the RFC; systems let an orphan go (Linux tcp_fin_timeout).
const FIGURE_5 = `
              | snd SYN  | rcv SYN      | rcv ACK of SYN | snd FIN    | rcv ACK of FIN | rcv FIN    | snd RST | rcv RST | timeout
 UNKNOWN      | SYN_SENT | SYN_RECEIVED | ESTABLISHED    | FIN_WAIT_1 | .              | CLOSE_WAIT | CLOSED  | CLOSED  | .
 SYN_SENT     | .        | SYN_RECEIVED | ESTABLISHED    | FIN_WAIT_1 | .              | .          | CLOSED  | CLOSED  | CLOSED
 SYN_RECEIVED | .        | .            | ESTABLISHED    | FIN_WAIT_1 | .              | CLOSE_WAIT | CLOSED  | CLOSED  | CLOSED
 ESTABLISHED  | .        | .            | .              | FIN_WAIT_1 | .              | CLOSE_WAIT | CLOSED  | CLOSED  | .
 FIN_WAIT_1   | .        | .            | .              | .          | FIN_WAIT_2     | CLOSING    | CLOSED  | CLOSED  | CLOSED
 FIN_WAIT_2   | .        | .            | .              | .          | .              | TIME_WAIT  | CLOSED  | CLOSED  | CLOSED
 CLOSING      | .        | .            | .              | .          | TIME_WAIT      | .          | CLOSED  | CLOSED  | CLOSED
 TIME_WAIT    | .        | .            | .              | .          | .              | .          | CLOSED  | CLOSED  | CLOSED
 CLOSE_WAIT   | .        | .            | .              | LAST_ACK   | .              | .          | CLOSED  | CLOSED  | .
 LAST_ACK     | .        | .            | .              | .          | CLOSED         | .          | CLOSED  | CLOSED  | CLOSED
`;

/** The event behind the facts: a timer ran out. */
export const TIMEOUT = FACT_COUNT;
const EVENTS = FACT_COUNT + 1;

/** Code of a state: its index in STATES. */
export function stateCode(name: StateName): number {
  return STATES.indexOf(name);
}

/** Nothing is known of the endpoint yet; the code before the first state. */
export const UNKNOWN = -1;

/** `next[(state + 1) * EVENTS + event]`; the state itself where the event changes nothing. */
const next = compile();

/** The state after an event. `state` is a code or UNKNOWN, `event` a fact or TIMEOUT. */
export function transition(state: number, event: number): number {
  return next[(state + 1) * EVENTS + event]!;
}

function compile(): Int8Array {
  const table = new Int8Array((STATES.length + 1) * EVENTS);
  for (let state = UNKNOWN; state < STATES.length; state++) {
    table.fill(state, (state + 1) * EVENTS, (state + 2) * EVENTS);
  }
  for (const line of FIGURE_5.trim().split('\n').slice(1)) {
    const [name, ...cells] = line.split('|').map((cell) => cell.trim());
    const state = name === 'UNKNOWN' ? UNKNOWN : stateCode(name as StateName);
    cells.forEach((cell, event) => {
      if (cell !== '.') table[(state + 1) * EVENTS + event] = stateCode(cell as StateName);
    });
  }
  return table;
}
