// Numbers for people: times, durations and counts.

const UNITS = [
  { name: 'µs', us: 1 },
  { name: 'ms', us: 1_000 },
  { name: 's', us: 1_000_000 },
] as const;

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/**
 * Microseconds as people say them: three digits below a minute, two units above it: `950 µs`, `12.3 ms`,
 * `4.00 s`, `2 min 30 s`, `30 h`, `12 days`.
 */
export function duration(us: number): string {
  if (us === 0) return '0 s';
  const seconds = Math.abs(us) / 1e6;
  if (seconds >= MINUTE_S - 0.05) return `${us < 0 ? '-' : ''}${longTime(Math.round(seconds))}`;
  // The largest unit in which the rounded number is at least 1: 999.96 ms is 1.00 s.
  const unit = UNITS.findLast((u) => Number((Math.abs(us) / u.us).toPrecision(3)) >= 1) ?? UNITS[0];
  const value = us / unit.us;
  const digits = unit.us === 1 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit.name}`;
}

/** A minute or more, in whole seconds. */
function longTime(seconds: number): string {
  if (seconds < HOUR_S) return twoUnits(seconds, MINUTE_S, 'min', 1, 's');
  if (seconds < 3 * DAY_S) return twoUnits(seconds, HOUR_S, 'h', MINUTE_S, 'min');
  return `${count(Math.round(seconds / DAY_S))} days`;
}

/** `2 min 30 s`, or `2 min` if nothing is left. */
function twoUnits(seconds: number, large: number, name: string, small: number, smallName: string): string {
  const rounded = Math.round(seconds / small) * small;
  const rest = (rounded % large) / small;
  return `${Math.floor(rounded / large)} ${name}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** A whole number with thousands set apart: `1,234,567`. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** The same in a table, where `-` means none. */
export function countOrDash(n: number): string {
  return n === 0 ? '-' : count(n);
}

/** A number and its noun: `1 flow`, `1,200 flows`. */
export function counted(n: number, singular: string, plural = `${singular}s`): string {
  return `${count(n)} ${n === 1 ? singular : plural}`;
}

/** Microseconds since the epoch as ISO 8601 to the millisecond, in local time with its offset or in UTC. */
export function isoTime(us: number, utc: boolean): string {
  const ms = Math.floor(us / 1000);
  if (utc) return new Date(ms).toISOString();
  const offset = -new Date(ms).getTimezoneOffset();
  const wall = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0');
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}
