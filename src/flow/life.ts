import { evidenceOf, FACT_COUNT, type Fact, factOf, INFERRED, isSettled, REOPENED } from './facts.ts';
import { stateCode, transition, UNKNOWN } from './machine.ts';
import type { FlowTable } from './table.ts';
import { END_NUMBER_WIDTH, REPLACED_AT } from './table-layout.ts';
import type { Trails } from './trail.ts';
import { STATES } from './words.ts';

/** The life of one endpoint: when it entered each state (NaN: never), in which frame and on what evidence. */
export interface Life {
  /** Code of the last state entered, UNKNOWN where nothing was seen of it. */
  state: number;
  /** Microseconds since the epoch, by state code. */
  entered: Float64Array;
  /** Running frame number, by state code. */
  frame: Float64Array;
  /** Evidence code, by state code. */
  evidence: Uint8Array;
}

/** A life for `tellLife` to fill. */
export function newLife(): Life {
  return {
    state: UNKNOWN,
    entered: new Float64Array(STATES.length),
    frame: new Float64Array(STATES.length),
    evidence: new Uint8Array(STATES.length),
  };
}

/** Enters a state; a clock that jumped back does not make it earlier than the one before. */
export function enter(life: Life, state: number, at: number, frame: number, evidence: number): void {
  const before = life.state === UNKNOWN ? at : life.entered[life.state]!;
  life.state = state;
  life.entered[state] = Math.max(at, before);
  life.frame[state] = frame;
  life.evidence[state] = evidence;
}

const TIME_WAIT = stateCode('TIME_WAIT');
const CLOSED = stateCode('CLOSED');

const order = new Uint8Array(FACT_COUNT);
const rank = new Float64Array(FACT_COUNT);

/** Runs figure 5 over the settled facts of an endpoint, in the order of their frames. */
export function tellLife(table: FlowTable, trails: Trails, me: number, life: Life): void {
  life.state = UNKNOWN;
  for (let state = 0; state < STATES.length; state++) {
    life.entered[state] = Number.NaN;
    life.frame[state] = Number.NaN;
  }
  const count = sortFacts(table, trails, me);
  for (let i = 0; i < count; i++) {
    const fact = order[i] as Fact;
    const state = transition(life.state, fact);
    if (state === life.state) continue;
    const segment = factOf(table, me, fact);
    enter(life, state, trails.atOf(segment), trails.frameOf(segment), evidenceOf(table, me, fact));
  }
  endReplaced(table, me, life);
}

/** No two sockets have the same addresses and ports. What ends a TIME_WAIT is judged in time-wait.ts. */
function endReplaced(table: FlowTable, me: number, life: Life): void {
  const at = table.endNumber[me * END_NUMBER_WIDTH + REPLACED_AT]!;
  if (at === 0 || life.state === UNKNOWN || life.state === TIME_WAIT || life.state === CLOSED) return;
  enter(life, CLOSED, at, Number.NaN, REOPENED);
}

/** Within one frame facts go in figure 5's order: an ACK is handled before a FIN (RFC 9293 3.10.7.4). */
function sortFacts(table: FlowTable, trails: Trails, me: number): number {
  let count = 0;
  for (let fact = 0; fact < FACT_COUNT; fact++) {
    if (!isSettled(table, me, fact as Fact)) continue;
    const at = orderOf(table, trails, me, fact as Fact);
    let i = count++;
    for (; i > 0 && rank[i - 1]! > at; i--) {
      rank[i] = rank[i - 1]!;
      order[i] = order[i - 1]!;
    }
    rank[i] = at;
    order[i] = fact;
  }
  return count;
}

/** Where a fact stands in the order of capture, in half frames: an inferred one is older than the frame that gave it away. */
export function orderOf(table: FlowTable, trails: Trails, me: number, fact: Fact): number {
  const inferred = evidenceOf(table, me, fact) === INFERRED;
  return trails.frameOf(factOf(table, me, fact)) * 2 - (inferred ? 1 : 0);
}
