import { type Flow, NOON } from '../../../../record/batches.ts';

// Connections by hand of which one end stands in CLOSE_WAIT.

export const SECOND = 1_000_000;
/** When the capture ends, after NOON. */
const END = 200 * SECOND;

/** A CLOSE_WAIT of one end. */
export interface Wait {
  /** When the FIN came, before the capture's end. */
  ago: number;
  /** How long it took the holder to close; never where absent. */
  closedAfter?: number;
  /** Bytes that the holder has sent. */
  sent?: number;
  /** The holder sent data after the FIN, the last of it this long before the end. */
  sentAfterFin?: { ago: number };
  /** The peer refused what came. */
  refused?: boolean;
  holder?: 'client' | 'server';
  columns?: Record<string, number | string>;
}

/** A connection of a second, then the FIN and the wait. */
export function flow({
  ago,
  closedAfter,
  sent = 400,
  sentAfterFin,
  refused,
  holder = 'server',
  columns,
}: Wait): Flow {
  const peer = holder === 'server' ? 'client' : 'server';
  const first = NOON + END - ago - SECOND;
  const left = closedAfter === undefined ? undefined : SECOND + closedAfter;
  const life: Flow['serverLife'] = {
    ESTABLISHED: [300, 3, 'seen'],
    CLOSE_WAIT: [SECOND, 8, 'acked'],
    ...(left === undefined
      ? {}
      : refused
        ? { CLOSED: [left, 11, 'rst-received'] }
        : { LAST_ACK: [left, 10, 'sent'], CLOSED: [left + 50, 11, 'seen'] }),
  };
  const fin = { frame: 8, endpoint: peer, flags: 0x11, seq: 121, ack: 401, len: 0, meaning: 'FIN' } as const;
  const data = { ...fin, frame: 9, endpoint: holder, len: 10, meaning: 'data after FIN' } as const;
  const last = sentAfterFin === undefined ? SECOND : SECOND + ago - sentAfterFin.ago;
  return {
    columns: {
      first,
      last: Math.max(last, left ?? 0),
      observed: ago + SECOND,
      close_kind: left === undefined ? 'half' : refused ? 'fin-reset' : 'fin',
      closed_first: peer,
      [`${holder}_state`]: left === undefined ? 'CLOSE_WAIT' : 'CLOSED',
      [`${holder}_bytes`]: sent,
      [`${peer}_bytes`]: 120,
      ...(refused && { reset_by: peer, reset_kind: 'data-after-close' }),
      ...columns,
    },
    [`${holder}Life`]: life,
    [`${peer}Life`]: { FIN_WAIT_1: [SECOND, 8, 'sent'], FIN_WAIT_2: [SECOND, 9, 'acked'] },
    segments: [{ ...fin, at: SECOND }, ...(sentAfterFin === undefined ? [] : [{ ...data, at: last }])],
  };
}

/** The same wait several times. */
export const times = (n: number, wait: Wait): Wait[] => Array.from({ length: n }, () => wait);
/** FINs that came one after the other, the last one when the capture ended. */
export const oneByOne = (n: number, every: number, wait: Omit<Wait, 'ago'> = {}): Wait[] =>
  Array.from({ length: n }, (_, i) => ({ ...wait, ago: (n - i) * every }));
