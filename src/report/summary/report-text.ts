import { CLOSE_KINDS } from '../../flow/format/words.ts';
import type { Style } from '../style.ts';
import { tableLines } from '../table.ts';
import { textWidth } from '../text.ts';
import { count, counted, countOrDash, duration } from '../units.ts';
import { TEXT_WIDTH } from '../wrap.ts';
import { histogramLines } from './histogram.ts';
import type { Lasted, Report } from './report.ts';
import type { PortCount } from './report-parts.ts';
import { hint, type SummaryTextOptions, summarySections } from './summary-text.ts';
import { RESET_KIND_NOTES, TIME_WAIT_END_NOTES } from './table-notes.ts';
import { countLines, INDENT, type Section, section, sectionsText } from './text-sections.ts';
import { standingSection } from './waits-text.ts';

/** The report for people: the summary, and sections of at most 80 columns; empty ones left out. */
export function reportText(report: Report, options: SummaryTextOptions): string {
  const { style } = options;
  const { top, bottom } = summarySections(report.summary, options);
  return sectionsText([
    ...top,
    standingSection('FIN_WAIT_2', report.finWait2s, style),
    standingSection('LAST_ACK', report.lastAcks, style),
    section(
      'What ended the TIME_WAITs',
      countLines(report.timeWaitEnds, (end) => TIME_WAIT_END_NOTES[end]),
      style,
    ),
    ...report.lasted.map((lasted) => lastedSection(lasted, style)),
    section('RSTs that ended flows, by what they most likely were', resets(report), style),
    section('How they closed, by server port', ports(report), style),
    ...bottom,
    hint(report.summary, options, []),
  ]);
}

/** Waits still open are counted separately: how long they would have lasted is unknown. */
function lastedSection(lasted: Lasted, style: Style): Section {
  const { count: n, bins, notEnded } = lasted;
  if (n === 0) return [];
  const lines = [
    ...histogramLines(bins, INDENT),
    `${INDENT}median ${duration(lasted.medianUs)}, 90 % up to ${duration(lasted.p90Us)}, ` +
      `99 % up to ${duration(lasted.p99Us)}, longest ${duration(lasted.longestUs)}`,
  ];
  if (notEnded.count > 0) {
    lines.push(
      `${INDENT}without ${count(notEnded.count)} not over when the capture ended, ` +
        `the longest for ${duration(notEnded.longestUs)}`,
    );
  }
  return section(`${lastedTitle(lasted.of)}: ${count(n)}`, lines, style);
}

function lastedTitle(of: Lasted['of']): string {
  if (of === 'close') return 'How long closes lasted, from the first FIN to the end';
  if (of === 'TIME_WAIT') return 'How long TIME_WAIT lasted at most, where a packet shows its end';
  return `How long ${of} lasted`;
}

function resets({ resets: kinds }: Report): string[] {
  const rows = kinds.map(({ kind, client, server }) => [
    kind,
    countOrDash(client),
    countOrDash(server),
    RESET_KIND_NOTES[kind],
  ]);
  if (rows.length === 0) return [];
  const head = ['', 'by client', 'by server', ''];
  return tableLines(rows, { head, indent: INDENT, right: [false, true, true, false] });
}

/** One column a port, so that they can be compared: as many as there is room for. */
function ports({ ports: { count: all, top } }: Report): string[] {
  if (all === 0) return [];
  for (let shown = top.length; ; shown--) {
    const lines = portTable(top.slice(0, shown));
    if (shown > 1 && lines.some((line) => textWidth(line) > TEXT_WIDTH)) continue;
    return all > shown ? [...lines, `${INDENT}… and ${counted(all - shown, 'port')} more`] : lines;
  }
}

function portTable(top: readonly PortCount[]): string[] {
  const rows = CLOSE_KINDS.map((kind) => [
    kind,
    ...top.map(({ kinds }) => countOrDash(kinds.find(({ word }) => word === kind)?.count ?? 0)),
  ]).filter(([, ...numbers]) => numbers.some((number) => number !== '-'));
  const head = ['', ...top.map(({ port }) => String(port))];
  const flows = ['flows', ...top.map((port) => count(port.flows))];
  return tableLines([flows, ...rows], { head, indent: INDENT, right: [false, ...top.map(() => true)] });
}
