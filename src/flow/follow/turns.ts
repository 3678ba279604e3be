import type { Segment } from '../../decode/segment.ts';
import { factOf, SND_RST } from '../table/facts.ts';
import type { FlowTable } from '../table/table.ts';
import {
  BITS,
  BYTES,
  DATA_AT,
  DATA_LENGTH,
  END_NUMBER_WIDTH,
  END_WIDTH,
  EXCHANGES,
  FLOW_WIDTH,
  HAS_FIN,
  SPOKE_LAST,
  TURN_AFTER,
  TURN_FROM,
} from '../table/table-layout.ts';

// Whose turn it is before the close: both ends send data by turns, and an answer of the server to data of the
// client makes an exchange. A client whose turn is the last has waited for an answer.

const LONGEST_US = 2 ** 32 - 1;

/**
 * `me` sends new data, which is no TLS alert, after that of its peer, or first of all.
 * @param bytes how many are new; BYTES counts them already
 */
export function takeTurn(table: FlowTable, me: number, s: Segment, bytes: number): void {
  const { end, endNumber, flow } = table;
  const e = me * END_WIDTH;
  const p = (me ^ 1) * END_WIDTH;
  if (((end[e + BITS]! | end[p + BITS]!) & HAS_FIN) !== 0) return;
  if (factOf(table, me, SND_RST) !== 0 || factOf(table, me ^ 1, SND_RST) !== 0) return;
  end[e + BITS]! |= SPOKE_LAST;
  end[p + BITS]! &= ~SPOKE_LAST;
  const f = (me >> 1) * FLOW_WIDTH;
  const follows = end[p + DATA_LENGTH] !== 0;
  const after = s.timeUs - endNumber[(me ^ 1) * END_NUMBER_WIDTH + DATA_AT]!;
  flow[f + TURN_AFTER] = Math.min(Math.max(after, 0), LONGEST_US);
  flow[f + TURN_FROM] = endNumber[me * END_NUMBER_WIDTH + BYTES]! - bytes;
  if (follows && (me & 1) === 1) flow[f + EXCHANGES]!++;
}
