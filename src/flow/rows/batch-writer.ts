import { type FlowBatch, HISTORY_LENGTH, newBatchArrays, type OnFlows } from '../format/batch.ts';
import { columnIndex, ROW_WIDTH } from '../format/columns.ts';
import type { TimeWaitRule } from '../judge/profile.ts';
import type { Flows } from '../table/flows.ts';
import type { Translation } from '../table/places.ts';
import {
  FILE,
  FIRST_AT,
  FLOW_TIME_WIDTH,
  FLOW_WIDTH,
  HISTORY_COUNT,
  SEGMENTS,
} from '../table/table-layout.ts';
import { AddressIds } from './address-ids.ts';
import { fillCloseSegments, ROWS_LIMIT } from './close-segments.ts';
import type { LiveFlows } from './live-flows.ts';
import { RowMaker } from './row.ts';

const BATCH_FLOWS = 256;
const BATCH_SEGMENTS = BATCH_FLOWS * 8 + ROWS_LIMIT;
const OBSERVED = columnIndex('observed');

/** Collects flows as rows and hands them on in batches. */
export class BatchWriter {
  private readonly flows: Flows;
  private readonly onFlows: OnFlows;
  private readonly addresses = new AddressIds();
  private readonly row: RowMaker;
  private readonly live: LiveFlows | undefined;
  private ids: Float64Array | undefined;
  private arrays = newBatchArrays(BATCH_FLOWS, BATCH_SEGMENTS);
  private count = 0;
  private segmentCount = 0;
  /** Flows written so far. */
  written = 0;

  constructor(flows: Flows, timeWait: TimeWaitRule, onFlows: OnFlows, live?: LiveFlows) {
    this.flows = flows;
    this.onFlows = onFlows;
    this.live = live;
    this.ids = live && new Float64Array(BATCH_FLOWS);
    this.row = new RowMaker(flows, this.addresses, timeWait);
  }

  /**
   * Adds the row of a flow that was watched until `now` (microseconds since the epoch). In a live capture,
   * a flow that is still `open` will be written again; until then `observed` is NULL. True if that handed
   * a batch on. What is a copy of another flow, from the other side of a NAT, has no row.
   */
  write(flow: number, now: number, evicted: boolean, open = false): boolean {
    const { arrays, flows } = this;
    const { table } = flows;
    const translation = flows.translations.of(table, flow);
    if (translation !== undefined) {
      if (!open) flows.translations.forget(table, flow);
      if (this.isToDrop(flow, translation, open)) return false;
    }
    const r = this.count * ROW_WIDTH;
    this.row.fill(arrays.rows, r, flow, now, evicted);
    if (translation !== undefined) this.row.fillTranslation(arrays.rows, r, translation);
    if (this.live !== undefined) this.ids![this.count] = this.live.wrote(flow, arrays.rows, r, open);
    if (open) arrays.rows[r + OBSERVED] = Number.NaN;
    this.writeHistory(flow);
    const first = table.flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!;
    const segments = fillCloseSegments(arrays.segments, this.segmentCount, flows, flow, first);
    arrays.segmentCounts[this.count] = segments;
    this.segmentCount += segments;
    this.count++;
    if (!open) this.written++;
    const full =
      this.count === BATCH_FLOWS || this.segmentCount > BATCH_SEGMENTS - ROWS_LIMIT || this.addresses.isFull;
    if (full) this.flush();
    return full;
  }

  /** A flow is a copy of another one. While that is not certain, a live capture does not write it. */
  private isToDrop(flow: number, { isCopy }: Translation, open: boolean): boolean {
    const { flows, live } = this;
    if (live?.hasRow(flow) || !(open ? isCopy !== false : isCopy === true)) return false;
    if (open) return true;
    live?.dropped(flow);
    const segments = flows.get(flow * 2, SEGMENTS) + flows.get(flow * 2 + 1, SEGMENTS);
    flows.signsOf(flows.table.flow[flow * FLOW_WIDTH + FILE]!).copies += segments;
    return true;
  }

  /** Hands on the rows collected so far; addresses that are used again are handed on again. */
  restart(): void {
    this.flush();
    this.addresses.restart();
  }

  /** Hands on the rows collected so far. */
  flush(): void {
    if (this.count === 0) return;
    const batch: FlowBatch = { ...this.arrays, count: this.count, addresses: this.addresses.takeRun() };
    if (this.ids !== undefined) {
      batch.ids = this.ids;
      this.ids = new Float64Array(BATCH_FLOWS);
    }
    if (this.addresses.isFull) this.addresses.restart();
    this.count = 0;
    this.segmentCount = 0;
    this.arrays = this.onFlows(batch) ?? newBatchArrays(BATCH_FLOWS, BATCH_SEGMENTS);
  }

  private writeHistory(flow: number): void {
    const { history, flow: columns } = this.flows.table;
    const { histories } = this.arrays;
    const from = this.flows.table.historyOf(flow);
    const to = this.count * HISTORY_LENGTH;
    const letters = columns[flow * FLOW_WIDTH + HISTORY_COUNT]!;
    for (let i = 0; i < letters; i++) histories[to + i] = history[from + i]!;
    if (letters < HISTORY_LENGTH) histories[to + letters] = 0;
  }
}
