import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { withDatabase } from './database.ts';

// Captures that are not whole: the same one without its first frames, or with a hole. What is then claimed to stand is
// held against what the whole one shows, which equals the kernels' states.

/** Ends that are said to stand in CLOSE_WAIT or FIN_WAIT_2 when the capture ends. */
export interface Standing {
  claimed: number;
  /** Claimed, but not so. */
  ghosts: number;
  /** So, with the FIN that it rests on in what is left of the capture. */
  real: number;
  /** Real, and the end that would have closed first has sent data in what is left: it cannot have. */
  shown: number;
  /** Shown, and claimed. */
  found: number;
  /** Real, and claimed. */
  foundOfReal: number;
}

/** Nothing stands. */
export const NONE: Readonly<Standing> = {
  claimed: 0,
  ghosts: 0,
  real: 0,
  shown: 0,
  found: 0,
  foundOfReal: 0,
};

/** Chooses what is left of a capture's records, in turn `turn` of `turns`. */
export type Loss = (records: readonly Buffer[], turn: number, turns: number) => readonly Buffer[];

/** It begins amid traffic, each time later. */
export const cutAtFront: Loss = (records, turn, turns) =>
  records.slice(Math.floor((records.length * (turn + 1)) / (turns + 1)));

/** A hole of 10 to 60 frames, each time somewhere else. */
export const punchHole: Loss = (records, turn, turns) => {
  const length = 10 + Math.round((50 * turn) / Math.max(turns - 1, 1));
  const at = Math.floor((records.length * (turn + 0.5)) / turns);
  return [...records.slice(0, at), ...records.slice(at + length)];
};

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const STATES = ['CLOSE_WAIT', 'FIN_WAIT_2'];

interface End {
  /** Its address and port, and its peer's. */
  tuple: string;
  firstUs: number;
  lastUs: number;
  state: string | null;
  /** When the FIN came that the state rests on. */
  finUs: number | null;
  ownBytes: number;
  peerBytes: number;
}

/** Loses part of a pcap file of little-endian microseconds in `turns` ways, and sums up what stands in each. */
export async function standingAfter(
  loss: Loss,
  capture: string,
  folder: string,
  turns: number,
): Promise<Standing> {
  const bytes = readFileSync(capture);
  const records = recordsOf(bytes);
  const whole = await withDatabase([capture], endsOf);
  const sum = { ...NONE };
  for (let turn = 0; turn < turns; turn++) {
    const kept = loss(records, turn, turns);
    const path = join(folder, `incomplete-${turn}.pcap`);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, FILE_HEADER), ...kept]));
    add(sum, compare(whole, await withDatabase([path], endsOf), new Set(kept.map(timeOf))));
  }
  return sum;
}

/** Adds the counts of some to those of others. */
export function add(sum: Standing, more: Standing): void {
  for (const count of Object.keys(sum) as (keyof Standing)[]) sum[count] += more[count];
}

function compare(whole: readonly End[], left: readonly End[], keptAt: ReadonlySet<number>): Standing {
  const sum = { ...NONE };
  for (const end of left) {
    if (!stands(end)) continue;
    sum.claimed++;
    if (!whole.some((truth) => isSame(end, truth) && truth.state === end.state)) sum.ghosts++;
  }
  for (const truth of whole) {
    if (!stands(truth) || truth.finUs === null || !keptAt.has(truth.finUs)) continue;
    const end = left.find((one) => isSame(one, truth));
    const { ownBytes = 0, peerBytes = 0 } = end ?? {};
    const isFound = end?.state === truth.state;
    const isShown = (truth.state === 'CLOSE_WAIT' ? ownBytes : peerBytes) > 0;
    sum.real++;
    if (isFound) sum.foundOfReal++;
    if (isShown) sum.shown++;
    if (isShown && isFound) sum.found++;
  }
  return sum;
}

const stands = ({ state }: End): boolean => STATES.includes(state ?? '');

/** The end of what is left belongs to this connection of the whole capture. */
const isSame = (left: End, whole: End): boolean =>
  left.tuple === whole.tuple && left.lastUs >= whole.firstUs && left.lastUs <= whole.lastUs;

function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= bytes.length; ) {
    const end = at + RECORD_HEADER + bytes.readUInt32LE(at + 8);
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

const timeOf = (record: Buffer): number => record.readUInt32LE(0) * 1e6 + record.readUInt32LE(4);

/** Each end of each flow; which of the two is the client may be another in a capture without its SYN. */
function endsOf(db: Database): End[] {
  return db
    .prepare<[], End>(
      `SELECT client_ip || ' ' || client_port || ' ' || server_ip || ' ' || server_port AS tuple,
         first_us AS firstUs, last_us AS lastUs, client_state AS state,
         iif(client_state = 'CLOSE_WAIT', server_fin_us, client_fin_us) AS finUs,
         client_bytes AS ownBytes, server_bytes AS peerBytes FROM flows
       UNION ALL
       SELECT server_ip || ' ' || server_port || ' ' || client_ip || ' ' || client_port,
         first_us, last_us, server_state, iif(server_state = 'CLOSE_WAIT', client_fin_us, server_fin_us),
         server_bytes, client_bytes FROM flows`,
    )
    .all();
}
