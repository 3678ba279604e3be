import { endName } from '../name.ts';
import type { Style } from '../style.ts';
import { tableLines } from '../table.ts';
import { count, counted, duration } from '../units.ts';
import type { Durations, Summary } from './summary.ts';
import { PROFILE_EVIDENCE_NOTES } from './table-notes.ts';
import { INDENT, type Section, section } from './text-sections.ts';
import type { Standing } from './waits.ts';

/** TIME_WAIT and CLOSE_WAIT; a line says so if there is neither. */
export function waits(
  { flows, timeWaits, profiles, closeWaits, endedCloseWaits }: Summary,
  style: Style,
): string[][] {
  const none = [timeWaits, closeWaits].flatMap(({ count: n }, i) =>
    n === 0 ? [['TIME_WAIT', 'CLOSE_WAIT'][i]!] : [],
  );
  return [
    standingSection('TIME_WAIT', timeWaits, style, profiles.map(expectation)),
    standingSection('CLOSE_WAIT', closeWaits, style),
    none.length === 0 || flows === 0 ? [] : [`No ${none.join(' and no ')} still standing.`],
    endedLine(endedCloseWaits),
  ];
}

/** The holders of what stands in a state, followed by `more`. */
export function standingSection(
  state: string,
  standing: Standing,
  style: Style,
  more: readonly string[] = [],
): Section {
  const title = `${state} still standing: ${count(standing.count)}, the longest for ${duration(standing.longestUs)}`;
  return section(title, standing.count === 0 ? [] : [...holders(standing), ...more], style);
}

/** `expected to last 60 s: linux, the default` */
function expectation({ profile, evidence, lengthUs }: Summary['profiles'][number]): string {
  const whose = profile === 'given' ? [] : [profile];
  const why = [...whose, PROFILE_EVIDENCE_NOTES[evidence]].join(', ');
  return `${INDENT}expected to last ${lengthUs / 1e6} s: ${why}`;
}

function holders({ top, holders: total }: Standing): string[] {
  const rows = top.map((holder) => [
    holder.endpoint,
    endName(holder.ip, holder.port),
    count(holder.count),
    duration(holder.longestUs),
    duration(holder.medianUs),
  ]);
  if (rows.length === 0) return [];
  const head = ['holder', '', 'count', 'longest', 'median'];
  const lines = tableLines(rows, { head, indent: INDENT, right: [false, false, true, true, true] });
  return total > top.length ? [...lines, `${INDENT}… and ${count(total - top.length)} more`] : lines;
}

function endedLine({ count: n, medianUs, longestUs }: Durations): string[] {
  if (n === 0) return [];
  if (n === 1) return [`1 CLOSE_WAIT ended, after ${duration(longestUs)}.`];
  return [`${counted(n, 'CLOSE_WAIT')} ended: median ${duration(medianUs)}, longest ${duration(longestUs)}.`];
}
