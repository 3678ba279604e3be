import type { Flows } from '../table/flows.ts';
import { FILE, FLOW_WIDTH, ONE_WAY } from '../table/table-layout.ts';

// Whether a flow was captured in both directions. A route may be asymmetric, or a mirror port send what it receives
// only; but an end that never answers shows nothing of that.

/** The second endpoint of a flow sends its first segment. */
export function firstAnswer(flows: Flows, flow: number): void {
  const signs = flows.signsOf(flows.table.flow[flow * FLOW_WIDTH + FILE]!);
  signs.twoWay++;
  if (!flows.hasStatus(flow, ONE_WAY)) return;
  signs.oneWay--;
  flows.clearStatus(flow, ONE_WAY);
}

/** The endpoint `me` acknowledges data or a SYN that its peer, of which nothing was captured, must have sent meanwhile. */
export function acknowledgedNew(flows: Flows, me: number): void {
  const flow = me >> 1;
  if (flows.hasStatus(flow, ONE_WAY)) return;
  flows.setStatus(flow, ONE_WAY);
  flows.signsOf(flows.table.flow[flow * FLOW_WIDTH + FILE]!).oneWay++;
}
