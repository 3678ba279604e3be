import { AddressIds } from './address-ids.ts';
import { type FlowBatch, HISTORY_LENGTH, newFlowBatch, type OnFlows } from './batch.ts';
import { fillCloseSegments } from './close-segments.ts';
import { ROW_WIDTH } from './columns.ts';
import type { Flows } from './flows.ts';
import type { TimeWaitRule } from './profile.ts';
import { RowMaker } from './row.ts';
import { FIRST_AT, FLOW_TIME_WIDTH, FLOW_WIDTH, HISTORY_COUNT } from './table.ts';
import { TRAIL_LIMIT } from './trail.ts';

const BATCH_FLOWS = 1024;
const BATCH_SEGMENTS = BATCH_FLOWS * 8 + TRAIL_LIMIT;

/** Gathers the flows that are let go, each a row, and hands them on batch by batch. */
export class BatchWriter {
  private readonly flows: Flows;
  private readonly onFlows: OnFlows;
  private readonly addresses = new AddressIds();
  private readonly row: RowMaker;
  private batch = newFlowBatch(BATCH_FLOWS, BATCH_SEGMENTS);
  private segmentCount = 0;
  /** Flows written so far. */
  written = 0;

  constructor(flows: Flows, timeWait: TimeWaitRule, onFlows: OnFlows) {
    this.flows = flows;
    this.onFlows = onFlows;
    this.row = new RowMaker(flows, this.addresses, timeWait);
  }

  /**
   * Adds the row of a flow that was watched until `now` (microseconds since the epoch). True where
   * that has handed a batch on.
   */
  write(flow: number, now: number, evicted: boolean): boolean {
    const { batch, flows } = this;
    const { table } = flows;
    this.row.fill(batch.rows, batch.count * ROW_WIDTH, flow, now, evicted);
    const letters = flow * HISTORY_LENGTH;
    const lettersEnd = letters + table.flow[flow * FLOW_WIDTH + HISTORY_COUNT]!;
    batch.histories.set(table.history.subarray(letters, lettersEnd), batch.count * HISTORY_LENGTH);
    const first = table.flowTime[flow * FLOW_TIME_WIDTH + FIRST_AT]!;
    const count = fillCloseSegments(batch.segments, this.segmentCount, flows, flow, first);
    batch.segmentCounts[batch.count] = count;
    this.segmentCount += count;
    batch.count++;
    this.written++;
    const full =
      batch.count === BATCH_FLOWS ||
      this.segmentCount > BATCH_SEGMENTS - TRAIL_LIMIT ||
      this.addresses.isFull;
    if (full) this.flush();
    return full;
  }

  /** Hands on what has gathered. */
  flush(): void {
    const { batch } = this;
    if (batch.count === 0) return;
    const full: FlowBatch = { ...batch, addresses: this.addresses.takeRun() };
    if (this.addresses.isFull) this.addresses.startAfresh();
    this.batch = newFlowBatch(BATCH_FLOWS, BATCH_SEGMENTS);
    this.segmentCount = 0;
    this.onFlows(full);
  }
}
