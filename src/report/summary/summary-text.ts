import { shellWord } from '../../capture/base/shell.ts';
import { type SkippedNumbers, skippedNote } from '../../decode/verdict.ts';
import type { Style } from '../style.ts';
import { tableLines } from '../table.ts';
import { fileName, printable } from '../text.ts';
import { count, counted, countOrDash, duration, isoTime } from '../units.ts';
import { holes } from './holes-text.ts';
import { skippedCounts, skippedShare } from './skipped-text.ts';
import type { CaptureFacts, Summary } from './summary.ts';
import { CLOSE_KIND_NOTES, CLOSED_FIRST_NOTES } from './table-notes.ts';
import { type CountRow, countLines, INDENT, type Section, section, sectionsText } from './text-sections.ts';
import { waits } from './waits-text.ts';

/** What the text needs to know beside the summary. */
export interface SummaryTextOptions {
  /** Path of the database, for the hint at the end. */
  database: string;
  utc: boolean;
  style: Style;
  /** What skipped frames were, where they were counted just now. */
  skipped?: SkippedNumbers;
}

/** The summary for people: sections of at most 80 columns, empty ones left out. */
export function summaryText(summary: Summary, options: SummaryTextOptions): string {
  const { top, bottom } = summarySections(summary, options);
  return sectionsText([...top, ...bottom, hint(summary, options, ['report'])]);
}

/** The summary's sections about the flows, and about what could not be read. */
export function summarySections(
  summary: Summary,
  { utc, style, skipped }: SummaryTextOptions,
): { top: Section[]; bottom: Section[] } {
  const isFiltered = summary.captures.some(({ filtered }) => filtered === 1);
  return {
    top: [
      overview(summary, utc, style),
      skippedShare(summary.captures, skipped),
      holes(summary.captures, summary.translated),
      section(
        isFiltered ? 'How they closed, as far as segments with data show it' : 'How they closed',
        countLines(
          summary.closeKinds,
          (kind) => CLOSE_KIND_NOTES[kind],
          ofWhich(summary.halfOpen, HALF_OPEN),
        ),
        style,
      ),
      section(
        'Who closed first',
        countLines(
          summary.closedFirst,
          (end) => CLOSED_FIRST_NOTES[end],
          unknownFirst(summary.closedFirstUnknown),
        ),
        style,
      ),
      section('States when the capture ended', states(summary), style),
      ...waits(summary, style),
    ],
    bottom: [section('Skipped', skippedLines(summary), style), damage(summary.captures, style)],
  };
}

const HALF_OPEN = 'open: the handshake was not seen to be completed';

/** What a part of those counted in the line before is. */
function ofWhich(n: number, note: string): CountRow[] {
  return n === 0 ? [] : [['of which', count(n), note]];
}

function unknownFirst(n: number): CountRow[] {
  return n === 0 ? [] : [['unknown', count(n), 'what was captured does not show it']];
}

/** ICMP errors are no TCP, and yet they are used. */
function skippedLines({ captures, icmpFlows }: Summary): string[] {
  const skipped = skippedCounts(captures);
  const lines = countLines(skipped, skippedNote);
  if (icmpFlows === 0 || lines.length === 0) return lines;
  return [...lines, `${INDENT}ICMP errors among these are used: about ${counted(icmpFlows, 'flow')}`];
}

function overview({ captures, flows }: Summary, utc: boolean, style: Style): string[] {
  const total = (of: 'frames' | 'tcpSegments') => captures.reduce((sum, capture) => sum + capture[of], 0);
  const times = captures.flatMap((c) =>
    c.firstUs === null || c.lastUs === null ? [] : [c.firstUs, c.lastUs],
  );
  const where = captures.length === 1 ? fileName(captures[0]!.path) : counted(captures.length, 'file');
  const title = style.bold(`${counted(flows, 'TCP flow')} in ${where}`);
  const read = `${counted(total('frames'), 'frame')}, ${counted(total('tcpSegments'), 'TCP segment')}`;
  if (times.length === 0) return [title, read];
  const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return [
    title,
    `${read}, ${duration(watchedUs(captures))} of traffic`,
    `${isoTime(first, utc)} to ${isoTime(last, utc)}`,
  ];
}

/** How long packets were captured: what several captures share counts once, what lies between them not. */
function watchedUs(captures: Summary['captures']): number {
  const spans = captures
    .flatMap(({ firstUs, lastUs }) => (firstUs === null || lastUs === null ? [] : [{ firstUs, lastUs }]))
    .sort((a, b) => a.firstUs - b.firstUs);
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { firstUs, lastUs } of spans) {
    sum += Math.max(0, lastUs - Math.max(firstUs, until));
    until = Math.max(until, lastUs);
  }
  return sum;
}

function states({ states: standing, evicted }: Summary): string[] {
  const rows = standing.map(({ state, client, server }) => [state, countOrDash(client), countOrDash(server)]);
  if (rows.length === 0) return [];
  const lines = tableLines(rows, {
    head: ['', 'client', 'server'],
    indent: INDENT,
    right: [false, true, true],
  });
  const isUnknown = standing.some(({ state }) => state === 'UNKNOWN');
  return [
    ...lines,
    ...(isUnknown ? [`${INDENT}UNKNOWN: what was captured does not show the state`] : []),
    ...(evicted > 0 ? [`${INDENT}${counted(evicted, 'flow')} evicted before that to save memory`] : []),
  ];
}

function damage(captures: CaptureFacts[], style: Style): string[] {
  return captures.flatMap(({ path, damage: reason, damageOffset }) =>
    reason === null
      ? []
      : [
          style.warn(
            `Damaged: ${printable(path)}: at byte ${count(damageOffset ?? 0)}: ${printable(reason)}`,
          ),
        ],
  );
}

/** Where to go on: the commands that show more of what is there. */
export function hint(
  { flows, closeWaits, closeKinds: kinds }: Summary,
  { database, style }: SummaryTextOptions,
  more: readonly string[],
): Section {
  const db = shellWord(printable(database));
  const hasResets = kinds.some(({ word }) => word === 'reset' || word === 'fin-reset');
  const commands = [
    ...more.map((command) => `finwait ${command} ${db}`),
    ...(closeWaits.count > 0 ? [`finwait flows ${db} --state CLOSE_WAIT --sort CLOSE_WAIT`] : []),
    ...(hasResets ? [`finwait flows ${db} --kind reset,fin-reset`] : []),
    'finwait query --list',
  ];
  const lines = flows === 0 ? [] : commands.map((command) => style.dim(`${INDENT}${command}`));
  return [`Database: ${printable(database)}`, ...lines];
}
