import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { withDatabase } from './database.ts';

// A capture that begins amid traffic: the same one without its first frames. What it then claims to stand is held
// against what the whole one shows, which equals the kernels' states.

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
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const STATES = ['CLOSE_WAIT', 'FIN_WAIT_2'];

interface End {
  /** Both ends and the last segment: the same connection in both captures. */
  key: string;
  state: string | null;
  /** When the FIN came that the state rests on. */
  finUs: number | null;
  ownBytes: number;
  peerBytes: number;
}

/** Cuts a pcap file of little-endian microseconds at `places` places, and sums up what stands in each. */
export async function cutAtFront(capture: string, folder: string, places: number): Promise<Standing> {
  const bytes = readFileSync(capture);
  const header = bytes.subarray(0, FILE_HEADER);
  const records = recordsOf(bytes);
  const whole = await withDatabase([capture], endsOf);
  const sum: Standing = { claimed: 0, ghosts: 0, real: 0, shown: 0, found: 0 };
  for (let place = 1; place <= places; place++) {
    const kept = records.slice(Math.floor((records.length * place) / (places + 1)));
    const path = join(folder, `cut-${place}.pcap`);
    writeFileSync(path, Buffer.concat([header, ...kept]));
    const fromUs = timeOf(kept[0]!);
    const cut = await withDatabase([path], endsOf);
    const stands = (ends: Map<string, End>, key: string) => STATES.includes(ends.get(key)?.state ?? '');
    for (const { key, state } of cut.values()) {
      if (!STATES.includes(state ?? '')) continue;
      sum.claimed++;
      if (whole.get(key)?.state !== state) sum.ghosts++;
    }
    for (const { key, state, finUs } of whole.values()) {
      if (!stands(whole, key) || finUs === null || finUs < fromUs) continue;
      sum.real++;
      const { ownBytes = 0, peerBytes = 0 } = cut.get(key) ?? {};
      if ((state === 'CLOSE_WAIT' ? ownBytes : peerBytes) === 0) continue;
      sum.shown++;
      if (cut.get(key)?.state === whole.get(key)!.state) sum.found++;
    }
  }
  return sum;
}

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
function endsOf(db: Database): Map<string, End> {
  const ends = db
    .prepare<[], End & { ip: string }>(
      `SELECT client_ip || ' ' || client_port || ' ' || server_ip || ' ' || server_port || ' ' || last_us AS key,
         client_state AS state, iif(client_state = 'CLOSE_WAIT', server_fin_us, client_fin_us) AS finUs,
         client_bytes AS ownBytes, server_bytes AS peerBytes FROM flows
       UNION ALL
       SELECT server_ip || ' ' || server_port || ' ' || client_ip || ' ' || client_port || ' ' || last_us,
         server_state, iif(server_state = 'CLOSE_WAIT', client_fin_us, server_fin_us),
         server_bytes, client_bytes FROM flows`,
    )
    .all();
  return new Map(ends.map((end) => [end.key, end]));
}
