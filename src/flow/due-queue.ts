import type { FlowTable } from './table.ts';
import { FLOW_WIDTH, NEXT_DUE, PREVIOUS_DUE, QUEUED, STATUS } from './table-layout.ts';

/** The flows that are over, the one longest without a segment first: a doubly linked list through the table. */
export class DueQueue {
  private readonly table: FlowTable;
  private first = 0;
  private last = 0;

  constructor(table: FlowTable) {
    this.table = table;
  }

  /** The flow that has been silent longest, or -1. */
  get head(): number {
    return this.first - 1;
  }

  /** Puts a flow last. */
  add(flow: number): void {
    const { flow: columns } = this.table;
    const row = flow * FLOW_WIDTH;
    columns[row + STATUS]! |= QUEUED;
    columns[row + PREVIOUS_DUE] = this.last;
    columns[row + NEXT_DUE] = 0;
    if (this.last === 0) this.first = flow + 1;
    else columns[(this.last - 1) * FLOW_WIDTH + NEXT_DUE] = flow + 1;
    this.last = flow + 1;
  }

  /** Takes a flow out, wherever it stands. */
  remove(flow: number): void {
    const { flow: columns } = this.table;
    const row = flow * FLOW_WIDTH;
    const before = columns[row + PREVIOUS_DUE]!;
    const after = columns[row + NEXT_DUE]!;
    if (before === 0) this.first = after;
    else columns[(before - 1) * FLOW_WIDTH + NEXT_DUE] = after;
    if (after === 0) this.last = before;
    else columns[(after - 1) * FLOW_WIDTH + PREVIOUS_DUE] = before;
    columns[row + STATUS]! &= ~QUEUED;
  }

  /** A late segment came: the flow is the freshest again. */
  touch(flow: number): void {
    if (this.last === flow + 1) return;
    this.remove(flow);
    this.add(flow);
  }
}
