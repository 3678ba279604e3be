import { InvalidArgumentError } from 'commander';

const UNITS_US: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  min: 60e6,
  h: 3600e6,
  d: 86_400e6,
};

/** A duration as people type it, `500ms`, `5s`, `1.5min`, `2h`, or `30` for seconds; in microseconds, NaN if it is none. */
export function durationUs(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-zµ]+)?$/.exec(text) ?? [];
  return Math.round(Number(number) * (UNITS_US[unit] ?? Number.NaN));
}

/** The same for an option of commander's. */
export function parseDuration(text: string): number {
  const us = durationUs(text);
  if (Number.isNaN(us)) throw new InvalidArgumentError('It is a number and us, ms, s, min, h or d.');
  return us;
}

/** A duration that is more than nothing. */
export function parsePositiveDuration(text: string): number {
  const us = parseDuration(text);
  if (us === 0) throw new InvalidArgumentError('It has to be more than 0.');
  return us;
}
