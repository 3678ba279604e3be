import type { Endpoint } from '../../flow/format/words.ts';
import { icmpMeaning, icmpName } from '../icmp.ts';
import { count } from '../units.ts';
import { type Gap, gapsOf } from './gaps.ts';
import type { Ladder, LadderFlow, LadderSegment, LadderState } from './ladder.ts';
import { STATE_EVIDENCE } from './verdict-words.ts';

interface Step {
  /** Microseconds after the flow's first segment; null for what lies between two rows. */
  at: number | null;
  /** Number of the frame in its file, where one shows it. */
  frame: number | null;
  /** The file of the frame, captures.id. */
  captureId: number | null;
  /** Where the row is an arrow, the end that it comes from: the sender of a segment. */
  from: Endpoint | null;
  /** The text on the arrow: flags, numbers. */
  label: string[];
  /** States entered here, in order. */
  states: Readonly<Record<Endpoint, string[]>>;
  notes: string[];
}

/** One step of a ladder, top to bottom; every way to draw it shows these. */
export interface LadderRow extends Step {
  /** Path of the frame's file, where the row before is in another one. */
  newFile: string | null;
}

/** Meanings that are clear from the flags or the place. */
const PLAIN: readonly LadderSegment['meaning'][] = ['SYN', 'SYN-ACK', 'FIN', 'RST', 'first segment'];
/** Evidence that the arrow beside the state shows. */
const SHOWN: readonly LadderState['evidence'][] = ['sent', 'acked', 'seen', 'rst-sent', 'rst-received'];

/** It may have been open, or closing, or over. */
const UNKNOWN_MID_STREAM = 'begun before the capture, state not known';

/** The rows of a ladder: its segments, the states they brought about, and what lies between. */
export function ladderRows(ladder: Ladder): LadderRow[] {
  const { flow, segments, states } = ladder;
  const { before, after } = gapsOf(flow, segments);
  const holders = states.map((state) => segments.findIndex((segment) => showsState(segment, state)));
  const loose = segments.map((): LadderState[] => []).concat([[]]);
  states.forEach((state, i) => {
    if (holders[i] === -1) loose[slotOf(ladder, holders, i)]!.push(state);
  });
  const rows = segments.flatMap((segment, n) => [
    ...gapRow(before[n]!),
    ...stateRows(loose[n]!, flow.first_us),
    segment.meaning === 'ICMP error'
      ? errorRow(segment, flow)
      : segmentRow(
          segment,
          states.filter((_, i) => holders[i] === n),
          flow.first_us,
        ),
  ]);
  return withFiles([...rows, ...lastRows(ladder, loose.at(-1)!, after)], ladder);
}

function withFiles(steps: readonly Step[], { flow, paths }: Ladder): LadderRow[] {
  let file = flow.capture_id;
  return steps.map((step) => {
    const before = file;
    file = step.captureId ?? file;
    return { ...step, newFile: file === before ? null : (paths.get(file) ?? '') };
  });
}

const showsState = (segment: LadderSegment, state: LadderState) =>
  segment.frame === state.entered_frame && segment.capture_id === state.entered_capture_id;

/** Before which segment a state goes that none of them shows: by time, and between those of its end's other states. */
function slotOf({ states, segments }: Ladder, holders: readonly number[], index: number): number {
  const { endpoint, entered_us, step } = states[index]!;
  const byTime = segments.findIndex(({ at_us }) => at_us > entered_us);
  const shown = states.flatMap((state, i) =>
    state.endpoint === endpoint && holders[i]! >= 0 ? [{ step: state.step, holder: holders[i]! }] : [],
  );
  const after = shown.flatMap((other) => (other.step < step ? [other.holder + 1] : []));
  const until = shown.flatMap((other) => (other.step > step ? [other.holder] : []));
  return Math.max(Math.min(byTime < 0 ? segments.length : byTime, ...until), ...after);
}

function segmentRow(segment: LadderSegment, states: readonly LadderState[], firstUs: number): Step {
  const { at_us, frame, capture_id, endpoint, flags, seq, ack, len, meaning } = segment;
  const meaningHasFlags = meaning.startsWith(`${flags} `);
  return {
    at: at_us - firstUs,
    frame,
    captureId: capture_id,
    from: endpoint,
    label: [
      meaningHasFlags ? meaning : flags || 'no flags',
      ...(seq === null ? [] : [`seq ${seq}`]),
      ...(ack === null ? [] : [`ack ${ack}`]),
      ...(len === 0 ? [] : [`len ${len}`]),
    ],
    states: byEnd(states),
    notes: [
      ...(meaningHasFlags || PLAIN.includes(meaning) ? [] : [meaning]),
      ...evidenceNotes(states.filter(({ evidence }) => !SHOWN.includes(evidence))),
    ],
  };
}

/** The first ICMP error of the flow, which goes to the end whose segment it quotes. */
function errorRow({ at_us, frame, capture_id, endpoint, seq }: LadderSegment, flow: LadderFlow): Step {
  const { icmp_type: type, icmp_code: code, icmp_from_ip: sender, client_ip, first_us } = flow;
  const isKnown = type !== null && code !== null;
  const quote = seq === null ? 'about a segment' : `about seq ${seq}`;
  return {
    at: at_us - first_us,
    frame,
    captureId: capture_id,
    from: endpoint === 'client' ? 'server' : 'client',
    label: [
      isKnown ? icmpName(type, code, client_ip) : 'ICMP error',
      ...(sender === null ? [] : [`from ${sender}`]),
    ],
    states: byEnd([]),
    notes: [isKnown ? `${quote}: ${icmpMeaning(type, code, client_ip)}` : quote],
  };
}

/** States that no segment of the ladder shows, those of one moment in one row. */
function stateRows(states: readonly LadderState[], firstUs: number): Step[] {
  const groups: LadderState[][] = [];
  for (const state of states) {
    const group = groups.at(-1);
    const [last] = group ?? [];
    const together = last?.entered_us === state.entered_us && last.entered_frame === state.entered_frame;
    if (together) group?.push(state);
    else groups.push([state]);
  }
  return groups.map((group) => ({
    at: group[0]!.entered_us - firstUs,
    frame: group[0]!.entered_frame,
    captureId: group[0]!.entered_frame === null ? null : group[0]!.entered_capture_id,
    from: null,
    label: [],
    states: byEnd(group),
    notes: evidenceNotes(group),
  }));
}

/** What comes after the last segment shown: more of the flow, states that ended by time, the end of watching. */
function lastRows({ flow, segments, states }: Ladder, loose: readonly LadderState[], after: Gap): Step[] {
  const { first_us, last_us, observed_us } = flow;
  const framed = states.flatMap(({ entered_frame, entered_us }) =>
    entered_frame === null ? [] : [entered_us],
  );
  const lastShown = segments.at(-1)?.at_us ?? first_us;
  const more = last_us > lastShown ? gapRow(after) : [];
  const last =
    last_us > Math.max(lastShown, ...framed) ? [noteRow(last_us - first_us, 'its last segment')] : [];
  const open = states.some(({ state, left_us }) => left_us === null && state !== 'CLOSED');
  const end = flow.evicted ? 'finwait evicted the flow' : 'the capture ended';
  const early = loose.filter(({ entered_us }) => entered_us < last_us);
  const late = loose.filter(({ entered_us }) => entered_us >= last_us);
  return [
    ...stateRows(early, first_us),
    ...more,
    ...last,
    ...stateRows(late, first_us),
    ...(open ? [noteRow(observed_us - first_us, end)] : []),
  ];
}

const noteRow = (at: number | null, note: string): Step => ({
  at,
  frame: null,
  captureId: null,
  from: null,
  label: [],
  states: byEnd([]),
  notes: [note],
});

function gapRow({ client, server }: Gap): Step[] {
  const ofClient = client > 0 ? [`client ${count(client)}`] : [];
  const ofServer = server > 0 ? [`server ${count(server)}`] : [];
  const sent = [...ofClient, ...ofServer].join(', ');
  return sent === '' ? [] : [noteRow(null, `⋮ ${sent} ${client + server === 1 ? 'byte' : 'bytes'}`)];
}

const byEnd = (states: readonly LadderState[]) => ({
  client: states.flatMap(({ endpoint, state }) => (endpoint === 'client' ? [state] : [])),
  server: states.flatMap(({ endpoint, state }) => (endpoint === 'server' ? [state] : [])),
});

/** `client (timer): ...`, once for both ends where it is the same. */
function evidenceNotes(states: readonly LadderState[]): string[] {
  const ends = new Map<string, Set<Endpoint>>();
  for (const { endpoint, evidence, state } of states) {
    const isUnknown = state === 'UNKNOWN' && evidence === 'mid-stream';
    const text = `(${evidence}): ${isUnknown ? UNKNOWN_MID_STREAM : STATE_EVIDENCE[evidence]}`;
    ends.set(text, (ends.get(text) ?? new Set()).add(endpoint));
  }
  return [...ends].map(([text, who]) => `${[...who].join(', ')} ${text}`);
}
