import { type FlowBatch, HISTORY_LENGTH, newBatchArrays } from '../../src/flow/format/batch.ts';
import {
  columnIndex,
  ROW_COLUMNS,
  ROW_WIDTH,
  SEGMENT_FIELDS,
  SEGMENT_WIDTH,
} from '../../src/flow/format/columns.ts';
import { ENDPOINTS, EVIDENCE, MEANINGS, STATES } from '../../src/flow/format/words.ts';
import type { CaptureRow } from '../../src/record/rows/capture-row.ts';

// Batches written by hand, as the tracker would fill them: a flow is an object of column names, with
// words spelled out and addresses as IPv4 text.

/** When a state was entered: microseconds after `first`, frame, evidence. */
export type Entered = readonly [at: number, frame: number, evidence: (typeof EVIDENCE)[number]];

/** One close segment, `flags` as a number. */
export interface FlowSegment {
  at: number;
  frame: number;
  endpoint: (typeof ENDPOINTS)[number];
  flags: number;
  seq: number;
  ack: number;
  len: number;
  meaning: (typeof MEANINGS)[number];
}

/** A flow; columns that are left out are 0 (integers) or NULL. */
export interface Flow {
  client?: string;
  server?: string;
  columns?: Record<string, number | string>;
  clientLife?: Partial<Record<(typeof STATES)[number], Entered>>;
  serverLife?: Partial<Record<(typeof STATES)[number], Entered>>;
  history?: string;
  segments?: readonly FlowSegment[];
}

/** 2024-05-01T12:00:00Z. */
export const NOON = 1_714_564_800_000_000;

/** The batch of some flows; `firstAddress` continues an earlier batch's addresses. */
export function batchOf(flows: readonly Flow[], firstAddress = 0): FlowBatch {
  const segments = flows.flatMap((flow) => flow.segments ?? []);
  const ips: string[] = [];
  const addressId = (ip: string) => {
    if (!ips.includes(ip)) ips.push(ip);
    return firstAddress + ips.indexOf(ip);
  };
  const batch = { ...newBatchArrays(flows.length, segments.length), count: flows.length };
  flows.forEach((flow, i) => {
    const row = batch.rows.subarray(i * ROW_WIDTH, (i + 1) * ROW_WIDTH);
    ROW_COLUMNS.forEach((column, c) => {
      row[c] = column.kind === 'integer' && !/^icmp|translated/.test(column.name) ? 0 : Number.NaN;
    });
    const columns: Record<string, number | string> = {
      client_address: addressId(flow.client ?? '10.0.0.1'),
      server_address: addressId(flow.server ?? '10.0.0.2'),
      client_port: 40_000 + i,
      server_port: 80,
      first: NOON,
      last: 0,
      observed: 0,
      first_frame: 1,
      role_evidence: 'syn',
      close_kind: 'open',
      ...flow.columns,
      ...lifeColumns('client', flow.clientLife),
      ...lifeColumns('server', flow.serverLife),
    };
    for (const [name, value] of Object.entries(columns)) {
      const index = columnIndex(name);
      const words = ROW_COLUMNS[index]?.words;
      row[index] = typeof value === 'number' ? value : codeOf(words ?? [], value);
    }
    batch.histories.set(Buffer.from(flow.history ?? '', 'latin1'), i * HISTORY_LENGTH);
    batch.segmentCounts[i] = flow.segments?.length ?? 0;
  });
  segments.forEach((segment, i) => {
    const fields: Record<(typeof SEGMENT_FIELDS)[number], number> = {
      ...segment,
      endpoint: codeOf(ENDPOINTS, segment.endpoint),
      meaning: codeOf(MEANINGS, segment.meaning),
    };
    batch.segments.set(
      SEGMENT_FIELDS.map((field) => fields[field]),
      i * SEGMENT_WIDTH,
    );
  });
  const words = Uint32Array.from(ips.flatMap((ip) => [0, 0, 0xffff, ipv4(ip)]));
  return { ...batch, addresses: { firstId: firstAddress, count: ips.length, words } };
}

/** A capture's row with what a test does not care about filled in. */
export function captureOf(row: Partial<CaptureRow> = {}): CaptureRow {
  return {
    path: 'a.pcap',
    format: 'pcap',
    linkTypes: [1],
    frames: 100,
    lastFrame: 100,
    tcpSegments: 100,
    firstUs: NOON,
    lastUs: NOON + 60_000_000,
    damage: null,
    skipped: {},
    frameBase: 0,
    ...row,
  };
}

function lifeColumns(end: string, life: Flow['clientLife'] = {}): Record<string, number> {
  const columns: Record<string, number> = {};
  let packed = 0;
  STATES.forEach((state, i) => {
    const entered = life[state];
    if (entered === undefined) return;
    const [at, frame, evidence] = entered;
    columns[`${end}_${state.toLowerCase()}`] = at;
    columns[`${end}_${state.toLowerCase()}_frame`] = frame;
    packed += codeOf(EVIDENCE, evidence) * 16 ** i;
  });
  return { ...columns, [`${end}_evidence`]: packed };
}

function codeOf(words: readonly string[], word: string): number {
  const code = words.indexOf(word);
  if (code < 0) throw new Error(`no such word: ${word}`);
  return code;
}

function ipv4(text: string): number {
  return text.split('.').reduce((address, byte) => address * 256 + Number(byte), 0);
}
