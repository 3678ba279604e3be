import { count } from '../../report/units.ts';
import type { LiveView } from './view.ts';

/** The span over which rates are taken, microseconds: long enough to be read, short enough to be now. */
const WINDOW_US = 5_000_000;

/** Two views between which rates are measured. */
export interface Pace {
  from: LiveView;
  to: LiveView;
}

/** The views of the last seconds. */
export class RecentViews {
  #views: LiveView[] = [];

  /** Takes a view in and gives the pace up to it: since the start while it is young, then of the last seconds. */
  take(view: LiveView): Pace {
    const last = this.#views.at(-1);
    if (last === undefined) this.#views.push(beginning(view));
    else if (elapsedUs(view) < elapsedUs(last)) this.#views = []; // nothing before that can be compared
    if (view !== last) this.#views.push(view);
    while (this.#views.length > 1 && elapsedUs(this.#views[1]!) <= elapsedUs(view) - WINDOW_US)
      this.#views.shift();
    return { from: this.#views[0]!, to: view };
  }
}

/** Time since the start: it passes evenly, even where the packets' clock does not (see LiveView). */
export function elapsedUs({ nowUs, startedUs }: LiveView): number {
  return nowUs - startedUs;
}

/** When nothing had happened yet. */
function beginning(view: LiveView): LiveView {
  return { ...view, nowUs: view.startedUs, packets: 0, segments: 0, flows: 0, closes: [], closedFirst: [] };
}

/** How fast a number grows, a second; 0 where no time has passed. */
export function perSecond({ from, to }: Pace, of: (view: LiveView) => number): number {
  const us = elapsedUs(to) - elapsedUs(from);
  return us > 0 ? Math.max(0, of(to) - of(from)) / (us / 1e6) : 0;
}

/** `0`, `0.4`, `12`, `1,234`. */
export function rateText(rate: number): string {
  if (rate === 0) return '0';
  if (rate < 0.05) return '<0.1';
  return rate < 9.95 ? rate.toFixed(1) : count(Math.round(rate));
}

/** A microsecond count as a clock shows it: `0:07`, `12:34`, `1:02:03`. */
export function clockText(us: number): string {
  const seconds = Math.max(0, Math.floor(us / 1e6));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
