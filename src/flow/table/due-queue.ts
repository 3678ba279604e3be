import { RowQueue } from './row-queue.ts';
import type { FlowTable } from './table.ts';
import { FLOW_WIDTH, NEXT_DUE, PREVIOUS_DUE, QUEUED, STATUS } from './table-layout.ts';

/** The flows that are over, the one longest without a segment first. */
export class DueQueue {
  private readonly table: FlowTable;
  private readonly queue: RowQueue;

  constructor(table: FlowTable) {
    this.table = table;
    this.queue = new RowQueue(table.flow, FLOW_WIDTH, PREVIOUS_DUE, NEXT_DUE);
  }

  /** The flow that has been silent longest, or -1. */
  get head(): number {
    return this.queue.head;
  }

  /** Puts a flow last. */
  add(flow: number): void {
    this.table.flow[flow * FLOW_WIDTH + STATUS]! |= QUEUED;
    this.queue.add(flow);
  }

  /** Takes a flow out, wherever it stands. */
  remove(flow: number): void {
    this.queue.remove(flow);
    this.table.flow[flow * FLOW_WIDTH + STATUS]! &= ~QUEUED;
  }

  /** A late segment came: the flow is the freshest again. */
  touch(flow: number): void {
    if (this.queue.tail === flow) return;
    this.remove(flow);
    this.add(flow);
  }
}
