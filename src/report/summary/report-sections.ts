import { CLOSE_KINDS } from '../../flow/format/words.ts';
import { type Answer, type AnswerOptions, type Field, type FieldKind, formatAnswer } from '../answer.ts';
import { printableJson, type Value } from '../rows.ts';
import type { Report } from './report.ts';
import type { WordCounts } from './word-counts.ts';

/** A part of the report as rows, for programs and for Markdown. */
export interface ReportSection extends Answer {
  /** Key of the JSON object, and `section` in rows. */
  name: string;
  title: string;
  /** How many fields, from the first on, are the key of the others. */
  keys: number;
  rows: Value[][];
}

/** All of the report. */
export function reportSections(report: Report): ReportSection[] {
  const { summary, lasted } = report;
  const standing = [
    ['TIME_WAIT', summary.timeWaits],
    ['CLOSE_WAIT', summary.closeWaits],
    ['FIN_WAIT_2', report.finWait2s],
    ['LAST_ACK', report.lastAcks],
  ] as const;
  return [
    section('totals', 'Flows', 0, 'flows:count evicted:count', [[summary.flows, summary.evicted]]),
    section(
      'captures',
      'Captures',
      1,
      'path frames:count tcp_segments:count first_us:time last_us:time damage damage_offset:count',
      summary.captures.map((c) => [
        c.path,
        c.frames,
        c.tcpSegments,
        c.firstUs,
        c.lastUs,
        c.damage,
        c.damageOffset,
      ]),
    ),
    section('close_kinds', 'How they closed', 1, 'close_kind flows:count', pairs(summary.closeKinds)),
    section('closed_first', 'Who closed first', 1, 'closed_first flows:count', pairs(summary.closedFirst)),
    section(
      'states',
      'States when the capture ended',
      1,
      'state client:count server:count',
      summary.states.map(({ state, client, server }) => [state, client, server]),
    ),
    section(
      'standing',
      'Still standing',
      1,
      'state count:count longest_us:duration holders:count',
      standing.map(([state, { count, longestUs, holders }]) => [state, count, longestUs, holders]),
    ),
    section(
      'holders',
      'Who holds them',
      4,
      'state endpoint ip port count:count longest_us:duration median_us:duration',
      standing.flatMap(([state, { top }]) =>
        top.map((h) => [state, h.endpoint, h.ip, h.port, h.count, h.longestUs, h.medianUs]),
      ),
    ),
    section(
      'time_wait_profiles',
      'Expected TIME_WAITs',
      2,
      'profile profile_evidence expected_us:duration',
      summary.profiles.map(({ profile, evidence, lengthUs }) => [profile, evidence, lengthUs]),
    ),
    section(
      'time_wait_ends',
      'What ended the TIME_WAITs',
      1,
      'ended_by count:count',
      pairs(report.timeWaitEnds),
    ),
    section(
      'durations',
      'How long they lasted',
      1,
      'of count:count median_us:duration p90_us:duration p99_us:duration longest_us:duration ' +
        'not_ended:count not_ended_longest_us:duration',
      lasted.map((l) => [
        l.of,
        l.count,
        ...[l.medianUs, l.p90Us, l.p99Us, l.longestUs].map((us) => (l.count === 0 ? null : us)),
        l.notEnded.count,
        l.notEnded.count === 0 ? null : l.notEnded.longestUs,
      ]),
    ),
    section(
      'histograms',
      'Their distributions',
      3,
      'of from_us:duration to_us:duration count:count',
      lasted.flatMap(({ of, bins }) => bins.map(({ fromUs, toUs, count }) => [of, fromUs, toUs, count])),
    ),
    section(
      'resets',
      'RSTs that ended flows',
      1,
      'reset_kind client:count server:count',
      report.resets.map(({ kind, client, server }) => [kind, client, server]),
    ),
    section(
      'ports',
      'How they closed, by server port',
      1,
      `server_port flows:count ${CLOSE_KINDS.map((kind) => `${kind.replace('-', '_')}:count`).join(' ')}`,
      report.ports.top.map(({ port, flows, kinds }) => [
        port,
        flows,
        ...CLOSE_KINDS.map((kind) => kinds.find(({ word }) => word === kind)?.count ?? 0),
      ]),
    ),
    section(
      'skipped',
      'Skipped',
      2,
      'path reason frames:count',
      summary.captures.flatMap(({ path, skipped }) =>
        Object.entries(skipped).map(([reason, frames]) => [path, reason, frames]),
      ),
    ),
  ];
}

/** One JSON object: the totals, and a list of objects for each section. */
export function reportJson(sections: readonly ReportSection[]): string {
  const entries = sections.flatMap(({ name, keys, fields, rows }): [string, unknown][] => {
    const objects = rows.map((row) => Object.fromEntries(fields.map((field, i) => [field.name, row[i]])));
    return keys === 0 ? Object.entries(objects[0] ?? {}) : [[name, objects]];
  });
  return `${printableJson(JSON.stringify(Object.fromEntries(entries), null, 2))}\n`;
}

/** One list for CSV and JSON lines: a row for each value, that there is, of each row of each section. */
export function reportRows(sections: readonly ReportSection[]): Answer {
  const fields = ['section', 'item', 'measure', 'value'].map((name): Field => ({ name, kind: 'plain' }));
  const rows = sections.flatMap((each) =>
    each.rows.flatMap((row) => {
      const item = row.slice(0, each.keys).filter((value) => value !== null);
      return each.fields
        .map((field, i): Value[] => [each.name, item.join(' '), field.name, row[i]!])
        .filter(([, , , value], i) => i >= each.keys && value !== null);
    }),
  );
  return { fields, rows };
}

/** Markdown: a heading and a table for each section that has rows. */
export function* reportMarkdown(
  sections: readonly ReportSection[],
  options: AnswerOptions,
): Generator<string> {
  let before = '';
  for (const each of sections) {
    if (each.rows.length === 0) continue;
    yield `${before}## ${each.title}\n\n`;
    yield* formatAnswer(each, options);
    before = '\n';
  }
}

/** @param fields names, with the kind after a colon if it is not plain */
function section(name: string, title: string, keys: number, fields: string, rows: Value[][]): ReportSection {
  const made = fields.split(' ').map((field): Field => {
    const [column = '', kind = 'plain'] = field.split(':');
    return { name: column, kind: kind as FieldKind };
  });
  return { name, title, keys, fields: made, rows };
}

const pairs = (counts: WordCounts): Value[][] => counts.map(({ word, count }) => [word, count]);
