import { RowQueue } from './row-queue.ts';
import type { FlowTable } from './table.ts';
import { FLOW_WIDTH, NEXT_DUE, PREVIOUS_DUE, QUEUED, STATUS } from './table-layout.ts';

/** The flows that are over, the longest idle first. */
export class DueQueue {
  private readonly table: FlowTable;
  private readonly queue: RowQueue;

  constructor(table: FlowTable) {
    this.table = table;
    this.queue = new RowQueue(table.flow, FLOW_WIDTH, PREVIOUS_DUE, NEXT_DUE);
  }

  /** The longest idle flow, or -1. */
  get head(): number {
    return this.queue.head;
  }

  /** Adds a flow to the end. */
  add(flow: number): void {
    this.table.flow[flow * FLOW_WIDTH + STATUS]! |= QUEUED;
    this.queue.add(flow);
  }

  /** Removes a flow, wherever it is. */
  remove(flow: number): void {
    this.queue.remove(flow);
    this.table.flow[flow * FLOW_WIDTH + STATUS]! &= ~QUEUED;
  }

  /** A late segment came: moves the flow to the end. */
  touch(flow: number): void {
    if (this.queue.tail === flow) return;
    this.remove(flow);
    this.add(flow);
  }
}
