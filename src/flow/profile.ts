/** TIME_WAIT by system, in seconds. */
const TIME_WAIT_PROFILES: Readonly<Record<string, number>> = {
  /** 2 x MSL of 2 minutes (RFC 9293 3.4.2). */
  rfc: 240,
  /** TCP_TIMEWAIT_LEN, fixed in the kernel (include/net/tcp.h). */
  linux: 60,
  /** 2 x MSL of 15 s (net.inet.tcp.msl). */
  macos: 30,
  /** 2 x MSL of 30 s (net.inet.tcp.msl). */
  freebsd: 60,
  /** tcp_time_wait_interval. */
  solaris: 60,
  /** TcpTimedWaitDelay of Windows Server 2003 and later. */
  windows: 120,
};

const DEFAULT_PROFILE = 'linux';
/** The longest that is taken for seconds: a day. */
const LONGEST_SECONDS = 86_400;

/** A TIME_WAIT length that is neither seconds nor a profile's name. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/** TIME_WAIT's length in microseconds from seconds or a profile's name; Linux where not given. Throws ProfileError. */
export function timeWaitLength(given: string = DEFAULT_PROFILE): number {
  const seconds =
    TIME_WAIT_PROFILES[given.toLowerCase()] ?? (/^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN);
  if (!(seconds <= LONGEST_SECONDS)) {
    const names = Object.keys(TIME_WAIT_PROFILES).join(', ');
    throw new ProfileError(`--time-wait ${given}: give seconds, or one of ${names}`);
  }
  return Math.round(seconds * 1e6);
}
