import { code } from '../format/word-table.ts';
import { PROFILE_EVIDENCE, PROFILES, STACKS } from '../format/words.ts';

/** A length of TIME_WAIT, and the stack that has it. */
export interface Profile {
  /** Microseconds. */
  lengthUs: number;
  /** Index in PROFILES. */
  name: number;
  /** Index in PROFILE_EVIDENCE. */
  evidence: number;
}

/** The profile expected of an endpoint, by its stack's index in STACKS or -1; and the longest length of all. */
export interface TimeWaitRule {
  of(stack: number): Profile;
  longestUs: number;
}

type ProfileName = (typeof PROFILES)[number];

/** TIME_WAIT by system, in seconds. */
const SECONDS: Readonly<Record<Exclude<ProfileName, 'given'>, number>> = {
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

const DEFAULT = 'linux';
const AUTO = 'auto';
/** The longest length that can be given: a day. */
const MAX_SECONDS = 86_400;

/** A TIME_WAIT length that is neither seconds nor a profile's name. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/**
 * The rule for what the user gave: seconds, a profile's name, or `auto`, which takes the stack of an
 * endpoint's SYN fingerprint, and Linux if that is unknown. Linux if nothing is given. Throws ProfileError.
 */
export function timeWaitRule(given?: string): TimeWaitRule {
  const name = given?.toLowerCase() ?? DEFAULT;
  if (name === AUTO) {
    const byStack = STACKS.map((stack) => profileOf(stack, 'syn'));
    const otherwise = profileOf(DEFAULT, 'default');
    return {
      of: (stack) => byStack[stack] ?? otherwise,
      longestUs: Math.max(...byStack.map(({ lengthUs }) => lengthUs)),
    };
  }
  const evidence = given === undefined ? 'default' : 'given';
  const profile = name in SECONDS ? profileOf(name as keyof typeof SECONDS, evidence) : secondsOf(name);
  return { of: () => profile, longestUs: profile.lengthUs };
}

function profileOf(name: keyof typeof SECONDS, evidence: (typeof PROFILE_EVIDENCE)[number]): Profile {
  return {
    lengthUs: SECONDS[name] * 1e6,
    name: code(PROFILES, name),
    evidence: code(PROFILE_EVIDENCE, evidence),
  };
}

function secondsOf(given: string): Profile {
  const seconds = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
  if (!(seconds <= MAX_SECONDS)) {
    const names = [...Object.keys(SECONDS), AUTO].join(', ');
    throw new ProfileError(`--time-wait ${given}: give seconds, or one of ${names}`);
  }
  return {
    lengthUs: Math.round(seconds * 1e6),
    name: code(PROFILES, 'given'),
    evidence: code(PROFILE_EVIDENCE, 'given'),
  };
}
