/** From when on something is a finding. */
export interface Threshold {
  name: string;
  unit: 's' | 'connections' | 'per s' | 'percent' | 'descriptors';
  default: number;
  /** Why that much, in one or two sentences. */
  why: string;
}

/** Every threshold, in the order in which it is listed. */
export const THRESHOLDS = [
  {
    name: 'close-wait-age',
    unit: 's',
    default: 60,
    why: 'A handler may take its time to finish; after a minute with the peer gone hardly any still works.',
  },
  {
    name: 'close-wait-count',
    unit: 'connections',
    default: 3,
    why: 'One connection may be an accident; the same end of three is a habit.',
  },
  {
    name: 'slow-close',
    unit: 's',
    default: 1,
    why: 'A program that waits for its sockets closes within milliseconds of the FIN; a second is work.',
  },
  {
    name: 'slow-answer',
    unit: 's',
    default: 5,
    why: 'Who closes only its own direction waits for the answer on purpose; people, proxies and load balancers give up after some seconds.',
  },
  {
    name: 'descriptor-limit',
    unit: 'descriptors',
    default: 1024,
    why: 'The soft limit of a Linux process (ulimit -n) unless somebody raised it: at it accept() fails.',
  },
  {
    name: 'time-wait-closes',
    unit: 'connections',
    default: 100,
    why: 'Of fewer closes no rate can be told: a burst at a start or an end looks like one.',
  },
  {
    name: 'time-wait-standing',
    unit: 'connections',
    default: 5000,
    why: 'So many TIME_WAITs of one client at once, seen or to come, are a sixth of the ports for one server: 83 closes a second.',
  },
  {
    name: 'port-share',
    unit: 'percent',
    default: 50,
    why: 'With half of the ports for one server taken, twice the load takes all; connect() also slows down as it looks for a free one.',
  },
] as const satisfies readonly Threshold[];

export type ThresholdName = (typeof THRESHOLDS)[number]['name'];
export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** The defaults, with those that the user gave instead. */
export function thresholdsWith(given: Partial<Record<ThresholdName, number>> = {}): Thresholds {
  const defaults = Object.fromEntries(THRESHOLDS.map(({ name, default: value }) => [name, value]));
  return { ...defaults, ...given } as Thresholds;
}

/** The threshold of a name; undefined where there is none. */
export function thresholdOf(name: string): (typeof THRESHOLDS)[number] | undefined {
  return THRESHOLDS.find((threshold) => threshold.name === name);
}
