import type { FlowBatch } from '../../flow/format/batch.ts';
import { ADDRESS_COLUMNS, ROW_WIDTH } from '../../flow/format/columns.ts';
import { AddressIds, MAX_ADDRESSES } from '../../flow/rows/address-ids.ts';

/** Each lane numbers the addresses it meets; here they get one number for all lanes. */
export class AddressMerger {
  readonly #ids = new AddressIds();
  /**
   * By lane, the common number of each of its own. Those go on for ever, but of older ones than
   * MAX_ADDRESSES no lane refers to again: their places are reused.
   */
  readonly #common: Int32Array[] = [];

  /** Turns a lane's numbers into common ones, in the rows of a batch and in its new addresses. */
  merge(lane: number, batch: FlowBatch): void {
    const { addresses, rows, count } = batch;
    this.#common[lane] = roomFor(this.#common[lane], addresses.firstId + addresses.count);
    const common = this.#common[lane];
    if (!this.#ids.hasRoom(addresses.count)) this.#ids.restart();
    for (let i = 0; i < addresses.count; i++) {
      common[(addresses.firstId + i) % MAX_ADDRESSES] = this.#ids.idOf(addresses.words, i * 4);
    }
    for (let r = 0; r < count * ROW_WIDTH; r += ROW_WIDTH) {
      // NaN, which is no address, stays.
      for (const column of ADDRESS_COLUMNS)
        rows[r + column] = common[rows[r + column]! % MAX_ADDRESSES] ?? Number.NaN;
    }
    batch.addresses = this.#ids.takeRun();
  }
}

/** A larger array for `length` numbers, up to MAX_ADDRESSES, with the contents of the old one. */
function roomFor(old: Int32Array = new Int32Array(1024), length: number): Int32Array {
  const most = Math.min(length, MAX_ADDRESSES);
  if (most <= old.length) return old;
  const longer = new Int32Array(2 ** Math.ceil(Math.log2(most)));
  longer.set(old);
  return longer;
}
