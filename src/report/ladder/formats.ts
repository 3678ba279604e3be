import { type Answer, formatAnswer } from '../answer.ts';
import { endName } from '../name.ts';
import { type Format, formatRows, printableJson } from '../rows.ts';
import { printable } from '../text.ts';
import type { Ladder, LadderSegment } from './ladder.ts';
import { ladderMermaid } from './mermaid.ts';
import { ladderRows } from './rows.ts';
import { type LadderTextOptions, ladderText } from './text.ts';
import { flowTime, verdictOf } from './verdict.ts';

/** How ladders are written. */
export interface LadderOptions extends LadderTextOptions {
  format: Format | 'mermaid';
  terminal: boolean;
  /** See RowsOptions. */
  crlf?: boolean | undefined;
  /** As JSON: an array, however many there are. */
  asArray: boolean;
}

/** Ladders as text, piece by piece. */
export function* ladderPieces(ladders: Iterable<Ladder>, options: LadderOptions): Generator<string> {
  const { format } = options;
  switch (format) {
    case 'json':
      yield* json(ladders, options.asArray);
      return;
    case 'jsonl':
    case 'csv':
      yield* formatAnswer(segmentsOf(ladders), { ...options, format });
      return;
  }
  let before = '';
  for (const ladder of ladders) {
    yield before;
    before = '\n';
    if (format === 'mermaid') yield ladderMermaid(ladder);
    else if (format === 'md') yield* markdown(ladder, options);
    else yield ladderText(ladder, options);
  }
}

function* json(ladders: Iterable<Ladder>, asArray: boolean): Generator<string> {
  let before = asArray ? '[' : '';
  for (const ladder of ladders) {
    const { flow, states, segments, timeWaits } = ladder;
    const all = { flow, states, segments, time_waits: timeWaits, verdict: verdictOf(ladder) };
    yield `${before}${printableJson(JSON.stringify(all, undefined, 2))}`;
    before = ',\n';
  }
  yield asArray ? ']\n' : '\n';
}

const SEGMENT_COLUMNS = ['n', 'at_us', 'frame', 'endpoint', 'flags', 'seq', 'ack', 'len', 'meaning'] as const;

/** `close_segments` of these flows. */
function segmentsOf(ladders: Iterable<Ladder>): Answer {
  const fields = ['flow_id', ...SEGMENT_COLUMNS, 'capture_id'];
  return {
    fields: fields.map((name) => ({ name, kind: name === 'at_us' ? 'time' : 'plain' })),
    rows: rows(),
  };

  function* rows() {
    for (const { flow, segments } of ladders) {
      for (const segment of segments) yield [flow.id, ...values(segment), segment.capture_id];
    }
  }
}

const values = (segment: LadderSegment) => SEGMENT_COLUMNS.map((column) => segment[column]);

/** The picture as a Markdown table, the verdict as a list. */
function* markdown(ladder: Ladder, options: LadderOptions): Generator<string> {
  const { flow, paths } = ladder;
  const ends = [endName(flow.client_ip, flow.client_port), endName(flow.server_ip, flow.server_port)];
  yield `Flow ${flow.id}: client ${ends[0]}, server ${ends[1]}, in ${printable(paths.get(flow.capture_id) ?? '')}\n\n`;
  const rows = ladderRows(ladder).map(({ at, frame, newFile, from, label, states, notes }) => {
    const text = [label.join(' '), ...notes].filter((part) => part !== '').join('; ');
    return [
      at === null ? null : flowTime(at),
      frame === null ? null : [...(newFile === null ? [] : [newFile]), frame].join(': '),
      states.client.join(', '),
      from === null ? text : from === 'client' ? `${text} →` : `← ${text}`,
      states.server.join(', '),
    ];
  });
  yield* formatRows(['time', 'frame', 'client', 'segment', 'server'], rows, { ...options, format: 'md' });
  yield '\n';
  for (const line of verdictOf(ladder)) yield `- ${line}\n`;
}
