import { count, duration, isoTime } from '../../units.ts';
import { kindOf, type Numbers } from './numbers.ts';

/** Numbers of the evidence for people: `oldest 12.3 s, closes 500/s`. */
export function numbersText(numbers: Numbers, utc: boolean): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${numberName(name)} ${valueText(name, value, utc)}`)
    .join(', ');
}

/** The name of one alone, without its unit; what the field writes in capitals is in capitals, settings stay as they are. */
export function numberName(name: string): string {
  const bare = name.replace(/_(us|per_s|percent)$/, '');
  if (/^tcp_/.test(bare)) return bare;
  return (AVERAGES[bare] ?? bare)
    .replaceAll('_', ' ')
    .replace(/\b(?:(?:time|close|fin) wait|fin|syn|rst|ack|isn)(?=s?\b)/g, (word) =>
      word.toUpperCase().replace(' ', '_'),
    );
}

/** Names of averages as they are said. */
const AVERAGES: Readonly<Record<string, string>> = {
  after_by_average: 'on average after',
  average_after: 'on average after',
  close_took_average: 'a close took on average',
  late_by_average: 'on average late by',
  usually_after: 'on average after',
};

/** Its value alone, with its unit. */
export function valueText(name: string, value: number, utc: boolean): string {
  switch (kindOf(name)) {
    case 'count':
      return count(Math.round(value));
    case 'duration':
      return settingDuration(value);
    case 'time':
      return isoTime(value, utc);
    case 'rate':
      return `${rateNumber(value)}/s`;
    case 'percent':
      return `${rounded(value)} %`;
  }
}

/** A rate a second in two or three digits: `0.25`, `3.1`, `480`. */
export function rateNumber(perSecond: number): string {
  return rounded(perSecond);
}

/** A duration that may be a whole number of seconds, as settings are: `60 s`. */
export function settingDuration(us: number): string {
  const seconds = us / 1e6;
  return Number.isInteger(seconds) && seconds > 0 && seconds <= 600 ? `${seconds} s` : duration(us);
}

function rounded(value: number): string {
  if (value === 0) return '0';
  if (value >= 100) return count(Math.round(value));
  return String(Number(value.toPrecision(2)));
}
