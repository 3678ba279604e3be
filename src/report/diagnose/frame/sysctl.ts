import { STACKS } from '../../../flow/format/words.ts';

// Settings of hosts that findings refer to: what `sysctl -a` prints there, else Linux's defaults.

/** Linux's defaults; NULL if it depends on the memory of the host. */
const DEFAULTS = {
  ip_local_port_range: [32_768, 60_999],
  /** Pairs: the first and the last of each range. */
  ip_local_reserved_ports: null,
  tcp_max_tw_buckets: null,
  tcp_fin_timeout: [60],
  tcp_tw_reuse: [2],
  tcp_timestamps: [1],
  tcp_rfc1337: [0],
  tcp_keepalive_time: [7200],
  tcp_keepalive_intvl: [75],
  tcp_keepalive_probes: [9],
  tcp_syn_retries: [6],
  tcp_synack_retries: [5],
  tcp_orphan_retries: [0],
  tcp_max_orphans: null,
  somaxconn: [4096],
  tcp_max_syn_backlog: null,
  tcp_abort_on_overflow: [0],
  tcp_syncookies: [1],
} as const satisfies Readonly<Record<string, readonly number[] | null>>;

/** A setting that findings refer to, by the last part of its name. */
export type SysctlName = keyof typeof DEFAULTS;

/** Settings by their last names, as `sysctl -a` printed them. */
export type Sysctls = Readonly<Partial<Record<SysctlName, readonly number[]>>>;

const LINE = /^\s*net\.(?:ipv4|core)\.(\w+)\s*=\s*(-?\d+(?:\s+-?\d+)*)\s*$/gm;

/** `8080,9100-9110` */
const RESERVED = /^\s*net\.ipv4\.ip_local_reserved_ports\s*=\s*(\d[\d,-]*)\s*$/m;

/** Reads the output of `sysctl -a`: known settings with possible values; all else is skipped. */
export function parseSysctls(text: string): Sysctls {
  const found = [...text.matchAll(LINE)]
    .filter(([, name = '']) => Object.hasOwn(DEFAULTS, name))
    .map(([, name, values = '']) => [name, values.trim().split(/\s+/).map(Number)] as const);
  const settings: Partial<Record<SysctlName, readonly number[]>> = Object.fromEntries(found);
  const [first = 0, last = 0] = settings.ip_local_port_range ?? [];
  if (first < 1 || last < first || last > 65_535) delete settings.ip_local_port_range;
  const reserved = RESERVED.exec(text)?.[1];
  if (reserved !== undefined) settings.ip_local_reserved_ports = pairsOf(reserved);
  else delete settings.ip_local_reserved_ports;
  return settings;
}

function pairsOf(ranges: string): number[] {
  return ranges.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return last >= first ? [first, last] : [];
  });
}

/** A setting of a host. */
export interface Setting {
  /** NULL if it was not given and has no fixed default. */
  value: number | null;
  /** Whether it was given for the host, and is not just the default. */
  isGiven: boolean;
}

/** The local ports of a host that connections may take. */
export interface PortRange {
  first: number;
  last: number;
  count: number;
  /** Whose they are, for a sentence: `this host's`, `Linux's default`. */
  whose: string;
  isGiven: boolean;
}

/** Local ports by system, if nothing else is given. */
const PORTS: Readonly<Record<(typeof STACKS)[number], readonly [first: number, last: number]>> = {
  linux: DEFAULTS.ip_local_port_range,
  windows: [49_152, 65_535],
  macos: [49_152, 65_535],
  /** net.inet.ip.portrange.first and last. */
  freebsd: [10_000, 65_535],
  /** tcp_smallest_anon_port and tcp_largest_anon_port. */
  solaris: [32_768, 65_535],
};
const STACK_NAMES: Readonly<Record<(typeof STACKS)[number], string>> = {
  linux: 'Linux',
  windows: 'Windows',
  macos: 'macOS',
  freebsd: 'FreeBSD',
  solaris: 'Solaris',
};

/** The settings of all hosts: of some by address, of the others what was given for all. */
export class SysctlBook {
  readonly #all: Sysctls;
  readonly #byIp: ReadonlyMap<string, Sysctls>;
  readonly #noted: ReadonlyMap<string, Sysctls>;

  /**
   * @param all of all hosts
   * @param byIp of some, which count first
   * @param noted what a live capture has noted of its own host, which counts last
   */
  constructor(
    all: Sysctls = {},
    byIp: ReadonlyMap<string, Sysctls> = new Map(),
    noted: ReadonlyMap<string, Sysctls> = new Map(),
  ) {
    this.#all = all;
    this.#byIp = byIp;
    this.#noted = noted;
  }

  /** The same with what a live capture has noted. */
  with(noted: ReadonlyMap<string, Sysctls>): SysctlBook {
    return new SysctlBook(this.#all, this.#byIp, noted);
  }

  /** The value of a setting on the host with an address. */
  of(ip: string, name: SysctlName): Setting {
    const given = this.#given(ip, name);
    return { value: given?.[0] ?? DEFAULTS[name]?.[0] ?? null, isGiven: given !== undefined };
  }

  /** `ip_local_port_range` of the host with an address, whose SYN looks like that of `stack`. */
  ports(ip: string, stack: string | null = null): PortRange {
    const given = this.#given(ip, 'ip_local_port_range');
    const system = STACKS.find((name) => name === stack) ?? 'linux';
    const [first = 0, last = first] = given ?? PORTS[system];
    const isGiven = given !== undefined;
    const whoseRange = isGiven ? "this host's" : `${STACK_NAMES[system]}'s default`;
    const reserved = this.#given(ip, 'ip_local_reserved_ports') ?? [];
    return {
      first,
      last,
      count: last - first + 1 - within(reserved, first, last),
      whose: whoseRange,
      isGiven,
    };
  }

  #given(ip: string, name: SysctlName): readonly number[] | undefined {
    return this.#byIp.get(ip)?.[name] ?? this.#all[name] ?? this.#noted.get(ip)?.[name];
  }
}

/** How many ports of the ranges, given in pairs, lie from `first` to `last`. */
function within(pairs: readonly number[], first: number, last: number): number {
  let count = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    count += Math.max(0, Math.min(pairs[i + 1]!, last) - Math.max(pairs[i]!, first) + 1);
  }
  return count;
}

/** Whose a setting is, for a sentence: `this host's`, `Linux's default`. */
export function whose({ isGiven }: { isGiven: boolean }): string {
  return isGiven ? "this host's" : "Linux's default";
}
