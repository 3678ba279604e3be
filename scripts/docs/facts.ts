import { EXIT } from '../../src/terminal/base/exit.ts';

// What holds for every command, written once for the manual and the page.

type Fact = readonly [term: string, meaning: string];

/** A code without a meaning does not compile. */
const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'Done.',
  finding: 'diagnose found something at or above --fail-on.',
  usage: 'The command line or the SQL is wrong.',
  badInput: 'A file is no capture or no database of finwait, or it is damaged.',
  permission: 'Permission denied.',
  bug: 'A bug in finwait; contents that finwait never writes are 3.',
};

export const EXIT_CODES: readonly Fact[] = [
  ...Object.entries(EXIT).map(([name, value]): Fact => [String(value), MEANING[name as keyof typeof EXIT]]),
  ['130', 'Interrupted (128 and the number of the signal).'] as const,
].toSorted(([a], [b]) => Number(a) - Number(b));

export const ENVIRONMENT: readonly Fact[] = [
  ['NO_COLOR', 'Set to anything, it keeps colours from the terminal.'],
  ['TERM', 'A terminal that is dumb gets no colours.'],
  ['TZ', 'The time zone in which times are shown and read, unless --utc is given.'],
];

export const GENERAL: readonly string[] = [
  'Data goes to standard output, all else to standard error. Tables are for people: times in ISO 8601 with ' +
    'offset, durations in the unit that reads best, cut to the width only on a terminal. json, jsonl and csv are ' +
    'for programs: there times and durations are whole microseconds, in columns ending _us, times since the epoch in UTC. ' +
    'csv is that of RFC 4180, but its lines end in LF, as awk and its kin expect; --crlf ends them in CRLF.',
  'analyze and live write databases; every other command just reads one. --help after a command explains it.',
];
