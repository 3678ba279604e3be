/** A limit that decides whether something is reported. */
export interface Threshold {
  name: string;
  unit: 's' | 'connections' | 'per s' | 'percent' | 'descriptors' | 'targets';
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
    why: 'Fewer closes give no rate: a burst at a start or an end looks like one.',
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
  {
    name: 'close-trouble-count',
    unit: 'connections',
    default: 5,
    why: 'A few closes go wrong anywhere: of fewer one cannot tell a habit from an accident.',
  },
  {
    name: 'close-loss-share',
    unit: 'percent',
    default: 5,
    why: 'A path that loses one packet in a hundred is bad but common; at five times that the close is in trouble.',
  },
  {
    name: 'time-wait-refused-share',
    unit: 'percent',
    default: 1,
    why: 'Each is a delay that a user notices, a second on many systems: one connection in a hundred is too many.',
  },
  {
    name: 'fin-wait-2-age',
    unit: 's',
    default: 60,
    why: 'What Linux gives an orphan (tcp_fin_timeout) unless somebody changed it: later only a program holds the socket.',
  },
  {
    name: 'fin-wait-2-share',
    unit: 'percent',
    default: 10,
    why: 'Peers that go away without closing are ordinary, some in a hundred with mobile ones; one in ten is a program.',
  },
  {
    name: 'server-time-waits',
    unit: 'connections',
    default: 1000,
    why: 'At a server they take no ports; so many at once are 17 brief connections a second, thrown away one after the other.',
  },
  {
    name: 'late-opening',
    unit: 's',
    default: 0.9,
    why: 'A SYN or SYN-ACK that is not answered is sent again after a second (RFC 6298); no path takes so long.',
  },
  {
    name: 'opening-count',
    unit: 'connections',
    default: 5,
    why: 'Fewer that are refused, not answered or opened late are an accident: an old name, a packet that was lost.',
  },
  {
    name: 'opening-share',
    unit: 'percent',
    default: 5,
    why: 'Of the connections to one service at that time; the internet alone loses one SYN in a hundred.',
  },
  {
    name: 'late-share',
    unit: 'percent',
    default: 2,
    why: 'Of the connections of a service: a SYN or its answer is lost once in a hundred on a bad path, and each costs its user a second.',
  },
  {
    name: 'flood-count',
    unit: 'connections',
    default: 100,
    why: 'Handshakes that the client never completes, within half a minute: the smallest queue for them has room for 128.',
  },
  {
    name: 'scan-targets',
    unit: 'targets',
    default: 20,
    why: 'Programs connect to a few services again and again; one that tries so many, each a few times, searches.',
  },
  {
    name: 'abort-count',
    unit: 'connections',
    default: 5,
    why: 'A few aborts are users who leave and programs that end.',
  },
  {
    name: 'abort-share',
    unit: 'percent',
    default: 5,
    why: 'Of the connections to the service; on the internet some in a hundred end by RST, and nobody misses anything.',
  },
  {
    name: 'window-closed',
    unit: 's',
    default: 10,
    why: 'A busy program closes its receive window for milliseconds; one that does not read for ten seconds is stuck.',
  },
  {
    name: 'lost-request-count',
    unit: 'connections',
    default: 5,
    why: 'Each is an error that somebody sees, however many others go well; fewer may be one restart.',
  },
  {
    name: 'gave-up-count',
    unit: 'connections',
    default: 5,
    why: 'A few users leave before the answer, and a few answers are slow anywhere.',
  },
  {
    name: 'gave-up-share',
    unit: 'percent',
    default: 1,
    why: 'Of the connections to the service: one in a hundred whose client gets no answer is a trouble of the service.',
  },
  {
    name: 'forgotten-count',
    unit: 'connections',
    default: 3,
    why: 'One connection may meet a host that went away; three that were forgotten have something in common.',
  },
  {
    name: 'forgotten-share',
    unit: 'percent',
    default: 10,
    why: 'Of those that were silent for long: phones and laptops go away without a word, one in ten is something on the way.',
  },
  {
    name: 'unacknowledged-time',
    unit: 's',
    default: 3,
    why: 'What is sent again for this long (five times on Linux) and never acknowledged was not lost by accident; less may be the end of the capture.',
  },
] as const satisfies readonly Threshold[];

/** Name of a threshold, as `--threshold` has it. */
export type ThresholdName = (typeof THRESHOLDS)[number]['name'];
/** The value of each, in its unit. */
export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** The defaults, with those that the user gave instead. */
export function thresholdsWith(given: Partial<Record<ThresholdName, number>> = {}): Thresholds {
  const defaults = Object.fromEntries(THRESHOLDS.map(({ name, default: value }) => [name, value]));
  return { ...defaults, ...given } as Thresholds;
}

/** The threshold of a name; undefined if there is none. */
export function thresholdOf(name: string): (typeof THRESHOLDS)[number] | undefined {
  return THRESHOLDS.find((threshold) => threshold.name === name);
}

/** Thresholds as SQL takes them: `close-wait-age` is `:close_wait_age`. */
export function parametersOf(thresholds: Thresholds): Record<string, number> {
  return Object.fromEntries(
    Object.entries(thresholds).map(([name, value]) => [name.replaceAll('-', '_'), value]),
  );
}
