import type { Address } from '../truth/trace.ts';
import type { Habits } from './service.ts';
import type { Visits } from './visits.ts';

// What the lab asks a program (agent.ts) to do, and what it answers. `conn` names a connection.

export type Action =
  | { do: 'listen'; at: Address }
  /** Answers when connected, or with the error's code; with `wait: false` at once. */
  | { do: 'connect'; conn: string; from: Address; to: Address; reading: boolean; wait: boolean }
  /** Answers when the connection of that client address is there. */
  | { do: 'accept'; conn: string; from: Address; reading: boolean }
  | { do: 'send'; conn: string; bytes: number }
  /** Starts to read; a connection opened with `reading: false` leaves all in the kernel until then. */
  | { do: 'read'; conn: string }
  /** Answers when this many bytes have come in all. */
  | { do: 'received'; conn: string; bytes: number }
  /** Answers when the peer's FIN was read. */
  | { do: 'ended'; conn: string }
  /** Answers when the connection is gone: reset, timed out or closed. */
  | { do: 'gone'; conn: string }
  /** shutdown(SHUT_WR): a FIN, and reading goes on. */
  | { do: 'shutdown'; conn: string }
  /** close(): a FIN, or an RST if the kernel holds unread data. */
  | { do: 'close'; conn: string }
  /** close() with SO_LINGER 0: an RST. */
  | { do: 'reset'; conn: string }
  | { do: 'keepAlive'; conn: string; seconds: number }
  | { do: 'serve'; at: Address; habits: Habits }
  /** Closes the listening socket of a service and all its connections. */
  | { do: 'stopServing'; port: number }
  /** Answers when all visits are done, or at the first connect() that found no port. */
  | { do: 'visit'; visits: Visits };

export interface Request {
  id: number;
  action: Action;
}

/** `error` is what went wrong; none where the action was done. */
export interface Reply {
  id: number;
  error?: string;
  /** When a visitor found no port left (EADDRNOTAVAIL), in epoch microseconds. */
  exhausted_us?: number;
}
