import { skippedMeaning } from './skipped.ts';
import type { Style } from './style.ts';
import type { CaptureFacts, Durations, Summary } from './summary.ts';
import type { Holder, Standing } from './summary-waits.ts';
import { tableLines } from './table.ts';
import { printable } from './text.ts';
import { count, counted, duration, isoTime } from './units.ts';

/** What the text needs to know beside the summary. */
export interface SummaryTextOptions {
  /** Path of the database, for the hint at the end. */
  database: string;
  utc: boolean;
  style: Style;
}

const INDENT = '  ';

const CLOSE_KIND: Readonly<Record<string, string>> = {
  fin: 'both ends sent FIN, both acknowledged',
  'fin-unacked': 'both ends sent FIN, the last ACK is missing',
  half: 'only one end has sent FIN',
  reset: 'RST without any FIN',
  'fin-reset': 'FIN, then RST before the close was complete',
  refused: 'SYN answered by RST',
  unanswered: 'SYN without an answer',
  open: 'no FIN and no RST seen',
};

/** The summary for people: sections of at most 80 columns, those with nothing to say left out. */
export function summaryText(summary: Summary, { database, utc, style }: SummaryTextOptions): string {
  const sections = [
    overview(summary, utc, style),
    section('How they closed', closeKinds(summary), style),
    section('Who closed first', closedFirst(summary), style),
    section('States when the capture ended', states(summary), style),
    ...waits(summary, style),
    section('Passed over', skipped(summary.captures), style),
    damage(summary.captures, style),
    hint(database, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, lines: string[], style: Style): string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

function overview({ captures, flows }: Summary, utc: boolean, style: Style): string[] {
  const total = (of: (capture: CaptureFacts) => number) => captures.reduce((sum, c) => sum + of(c), 0);
  const times = captures.flatMap((c) =>
    c.firstUs === null || c.lastUs === null ? [] : [c.firstUs, c.lastUs],
  );
  const where = captures.length === 1 ? printable(captures[0]!.path) : counted(captures.length, 'file');
  const title = style.bold(`${counted(flows, 'TCP flow')} in ${where}`);
  const read = `${counted(
    total((c) => c.frames),
    'frame',
  )}, ${counted(
    total((c) => c.tcpSegments),
    'TCP segment',
  )}`;
  if (times.length === 0) return [title, read];
  const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return [
    title,
    `${read}, ${duration(last - first)} of traffic`,
    `${isoTime(first, utc)} to ${isoTime(last, utc)}`,
  ];
}

function closeKinds({ closeKinds: kinds }: Summary): string[] {
  const rows = kinds.map(({ word, count: n }) => [word, count(n), CLOSE_KIND[word] ?? '']);
  return tableLines(rows, { indent: INDENT, right: [false, true, false] });
}

function closedFirst({ closedFirst: ends }: Summary): string[] {
  const meaning: Readonly<Record<string, string>> = { both: 'their FINs crossed' };
  const rows = ends.map(({ word, count: n }) => [word, count(n), meaning[word] ?? '']);
  return tableLines(rows, { indent: INDENT, right: [false, true, false] });
}

function states({ states: standing, evicted }: Summary): string[] {
  const number = (n: number) => (n === 0 ? '-' : count(n));
  const rows = standing.map(({ state, client, server }) => [state, number(client), number(server)]);
  if (rows.length === 0) return [];
  const lines = tableLines(rows, {
    head: ['', 'client', 'server'],
    indent: INDENT,
    right: [false, true, true],
  });
  if (evicted === 0) return lines;
  return [...lines, `${INDENT}${counted(evicted, 'flow')} let go before that to save memory`];
}

/** TIME_WAIT and CLOSE_WAIT; a line says where there is neither. */
function waits(
  { flows, timeWaits, profiles, closeWaits, endedCloseWaits }: Summary,
  style: Style,
): string[][] {
  const none = [timeWaits, closeWaits].flatMap(({ count: n }, i) =>
    n === 0 ? [['TIME_WAIT', 'CLOSE_WAIT'][i]!] : [],
  );
  return [
    section(
      `TIME_WAIT still standing: ${standingTitle(timeWaits)}`,
      timeWaits.count === 0 ? [] : [...holders(timeWaits), ...profiles.map(expectation)],
      style,
    ),
    section(`CLOSE_WAIT still standing: ${standingTitle(closeWaits)}`, holders(closeWaits), style),
    none.length === 0 || flows === 0 ? [] : [`No ${none.join(' and no ')} still standing.`],
    endedLine(endedCloseWaits),
  ];
}

const PROFILE_REASONS: Readonly<Record<string, string>> = {
  default: 'the default',
  given: 'as given',
  syn: 'by their SYNs',
};

/** `expected to last 60 s: linux, the default` */
function expectation({ profile, evidence, lengthUs }: Summary['profiles'][number]): string {
  const whose = profile === 'given' ? [] : [profile];
  const why = [...whose, PROFILE_REASONS[evidence] ?? evidence].join(', ');
  return `${INDENT}expected to last ${lengthUs / 1e6} s: ${why}`;
}

const standingTitle = ({ count: n, longestUs }: Standing) =>
  `${count(n)}, the longest for ${duration(longestUs)}`;

function holders({ top, holders: total }: Standing): string[] {
  const rows = top.map((holder) => [
    holder.endpoint,
    holderName(holder),
    count(holder.count),
    duration(holder.longestUs),
    duration(holder.medianUs),
  ]);
  if (rows.length === 0) return [];
  const head = ['holder', '', 'count', 'longest', 'median'];
  const lines = tableLines(rows, { head, indent: INDENT, right: [false, false, true, true, true] });
  return total > top.length ? [...lines, `${INDENT}… and ${count(total - top.length)} more`] : lines;
}

function holderName({ ip, port }: Holder): string {
  if (port === null) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function endedLine({ count: n, medianUs, longestUs }: Durations): string[] {
  if (n === 0) return [];
  if (n === 1) return [`1 CLOSE_WAIT ended, after ${duration(longestUs)}.`];
  return [`${counted(n, 'CLOSE_WAIT')} ended: median ${duration(medianUs)}, longest ${duration(longestUs)}.`];
}

function skipped(captures: CaptureFacts[]): string[] {
  const totals = new Map<string, number>();
  for (const capture of captures) {
    for (const [reason, n] of Object.entries(capture.skipped))
      totals.set(reason, (totals.get(reason) ?? 0) + n);
  }
  const rows = [...totals]
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, n]) => [reason, count(n), skippedMeaning(reason)]);
  return tableLines(rows, { indent: INDENT, right: [false, true, false] });
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

function hint(database: string, style: Style): string[] {
  const sql = 'SELECT * FROM close_waits LIMIT 10';
  return [`Database: ${printable(database)}`, style.dim(`  finwait query ${shellWord(database)} "${sql}"`)];
}

/** A word as a shell would take it back. */
function shellWord(word: string): string {
  const safe = printable(word);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
