import { count, duration, isoTime } from '../../units.ts';
import type { Quantity } from './finding.ts';

const SUFFIXES: Readonly<Record<Quantity['kind'], RegExp>> = {
  count: /$/,
  duration: /_us$/,
  time: /_us$/,
  rate: /_per_s$/,
  percent: /_percent$/,
};

/** A quantity for people: `oldest 12.3 s`, `closes 500/s`. */
export function quantityText(quantity: Quantity, utc: boolean): string {
  return `${quantityName(quantity)} ${valueText(quantity, utc)}`;
}

/** Its name alone, without its unit. */
export function quantityName({ name, kind }: Quantity): string {
  return name.replace(SUFFIXES[kind], '').replaceAll('_', ' ');
}

/** Its value alone, with its unit. */
export function valueText({ value, kind }: Quantity, utc: boolean): string {
  switch (kind) {
    case 'count':
      return count(Math.round(value));
    case 'duration':
      return longDuration(value);
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

/** A duration that may be days, or a whole number of seconds as settings are: `31 h`, `12 days`, `60 s`. */
export function longDuration(us: number): string {
  const [days, seconds] = [us / 86_400e6, us / 1e6];
  if (days >= 3) return `${count(Math.round(days))} days`;
  return Number.isInteger(seconds) && seconds > 0 && seconds <= 600 ? `${seconds} s` : duration(us);
}

function rounded(value: number): string {
  if (value === 0) return '0';
  if (value >= 100) return count(Math.round(value));
  return String(Number(value.toPrecision(2)));
}
