import type { Span } from '../../report/states/span.ts';
import { isoTime } from '../../report/units.ts';
import { UsageError } from '../base/exit.ts';
import { durationUs } from './duration.ts';

/** What an instant can be, for help texts. */
export const INSTANTS =
  'start, end, +12.5 from the start, -3 from the end, 14:05:09.25, ISO 8601, or epoch seconds';

/** Epoch times that large are milliseconds or microseconds, as the database has them; seconds reach so far in 5138. */
const MILLISECONDS = 1e11;
const MICROSECONDS = 1e14;

const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?$/;
const DATE = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(Z|z|[+-]\d\d:?\d\d)?$/;

/**
 * An instant as people give it, in microseconds since the epoch: `start` and `end` of the captures,
 * `+12.5` seconds or `+2min` from the start, `-3` from the end, `14:05:09.25` on the captures' day, ISO
 * 8601, or seconds since the epoch. Local time, or UTC. The start as it is printed, to the millisecond,
 * is the start. Throws a UsageError where it is none, or not in the span: nothing is known of what was
 * before or after.
 */
export function parseInstant(text: string, span: Span, utc: boolean): number {
  const us = parseTime(text, span, utc);
  if (us < span.firstUs && us === printedUs(span.firstUs)) return span.firstUs;
  if (us < span.firstUs || us > span.lastUs) {
    const [from, to] = [span.firstUs, span.lastUs].map((end) => isoTime(end, utc));
    throw new UsageError(`${text}: not in the captures, which last from ${from} to ${to}`);
  }
  return us;
}

/** The same for an instant that may lie before or after the captures. */
export function parseTime(text: string, span: Span, utc: boolean): number {
  const us = readInstant(text.trim(), span, utc);
  if (us === undefined || Number.isNaN(us)) throw new UsageError(`${text}: no time; it is ${INSTANTS}`);
  return us;
}

function readInstant(text: string, span: Span, utc: boolean): number | undefined {
  if (text === 'start') return span.firstUs;
  if (text === 'end') return span.lastUs;
  if (text.startsWith('+')) return span.firstUs + durationUs(text.slice(1));
  if (text.startsWith('-')) return span.lastUs - durationUs(text.slice(1));
  if (/^\d+(\.\d*)?$/.test(text)) return epoch(text);
  const clock = CLOCK.exec(text);
  if (clock !== null) return onTheDay(clock, span, utc);
  const date = DATE.exec(text);
  if (date === null) return undefined;
  const [, day = '', minutes = '00:00', seconds = '00', fraction, zone = utc ? 'Z' : ''] = date;
  if (!isDay(day)) return undefined;
  return Date.parse(`${day}T${minutes}:${seconds}${zone.toUpperCase()}`) * 1000 + fractionUs(fraction);
}

/** Whether the month has that day: February 30 would be read as a day of March. */
function isDay(day: string): boolean {
  const ms = Date.parse(day);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

function epoch(text: string): number {
  const number = Number(text);
  if (number >= MICROSECONDS) return Math.floor(number);
  if (number >= MILLISECONDS) return Math.round(number * 1000);
  const [seconds, fraction] = text.split('.');
  return Number(seconds) * 1e6 + fractionUs(fraction);
}

/** A time of day on the day the captures begin, or on the next where it is before their beginning. */
function onTheDay([, hours, minutes, seconds, fraction]: RegExpExecArray, span: Span, utc: boolean) {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 60) return undefined;
  const time = [Number(hours), Number(minutes), Number(seconds ?? 0), 0] as const;
  // A local day may have 23 or 25 hours.
  const after = (days: number) => {
    const day = new Date(span.firstUs / 1000);
    if (utc) day.setUTCDate(day.getUTCDate() + days);
    else day.setDate(day.getDate() + days);
    if (utc) day.setUTCHours(...time);
    else day.setHours(...time);
    return day.getTime() * 1000 + fractionUs(fraction);
  };
  const [us, next] = [after(0), after(1)];
  return us < printedUs(span.firstUs) && next <= span.lastUs ? next : us;
}

/** A time as it is printed: to the millisecond. */
function printedUs(us: number): number {
  return Math.floor(us / 1000) * 1000;
}

/** Digits after the point, as microseconds. */
function fractionUs(digits = ''): number {
  return Number(digits.slice(0, 6).padEnd(6, '0'));
}
