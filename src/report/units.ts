// Numbers for people: times, durations and counts.

const UNITS = [
  { name: 'µs', us: 1 },
  { name: 'ms', us: 1_000 },
  { name: 's', us: 1_000_000 },
  { name: 'min', us: 60_000_000 },
  { name: 'h', us: 3_600_000_000 },
] as const;

/** Microseconds in the unit that reads best, three digits: `950 µs`, `12.3 ms`, `4.00 s`, `2.5 min`, `30 h`. */
export function duration(us: number): string {
  if (us === 0) return '0 s';
  // The largest unit in which the rounded number is at least 1: 999.96 ms is 1.00 s.
  const unit = UNITS.findLast((u) => Number((Math.abs(us) / u.us).toPrecision(3)) >= 1) ?? UNITS[0];
  const value = us / unit.us;
  const digits = unit.us === 1 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit.name}`;
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
