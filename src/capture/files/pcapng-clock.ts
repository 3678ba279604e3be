/**
 * How an interface's 64-bit timestamps become microseconds: multiplied, or divided twice, or, where
 * the unit is a negative power of two seconds, shifted.
 */
export interface Clock {
  readonly multiplier: number;
  readonly divisor: number;
  readonly divisor2: number;
  /** Binary digits of the second's fraction; -1 for a decimal unit. */
  readonly bits: number;
  readonly offsetUs: number;
}

/**
 * @param resolution the option if_tsresol: n for 10^-n seconds, with the highest bit set for 2^-n
 * @param offsetSeconds the option if_tsoffset
 */
export function newClock(resolution: number, offsetSeconds: number): Clock {
  const binary = resolution >= 0x80;
  const digits = resolution & 0x7f;
  return {
    multiplier: 10 ** Math.max(6 - digits, 0),
    // Two steps, because the rest of a division by at most 10^6 times 2^32 is still exact.
    divisor: 10 ** Math.min(Math.max(digits - 6, 0), 6),
    divisor2: 10 ** Math.max(digits - 12, 0),
    bits: binary ? digits : -1,
    offsetUs: offsetSeconds * 1e6,
  };
}

/**
 * The time `high * 2^32 + low` in whole microseconds since the epoch, rounded down. Exact in every
 * unit, without a BigInt; a time that no safe integer holds (after 2255) becomes the nearest that one does.
 */
export function timeUs(clock: Clock, high: number, low: number): number {
  const us = clock.bits < 0 ? decimalUs(clock, high, low) : binaryUs(clock.bits, high, low);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(us + clock.offsetUs, Number.MAX_SAFE_INTEGER));
}

function decimalUs({ multiplier, divisor, divisor2 }: Clock, high: number, low: number): number {
  if (divisor === 1) return (high * 2 ** 32 + low) * multiplier;
  const quotient = Math.floor(high / divisor);
  const rest = (high - quotient * divisor) * 2 ** 32 + low;
  return Math.floor((quotient * 2 ** 32 + Math.floor(rest / divisor)) / divisor2);
}

/** floor((high * 2^32 + low) * 10^6 / 2^bits), the product in two parts that are exact. */
function binaryUs(bits: number, high: number, low: number): number {
  const product = low * 1e6;
  const carry = Math.floor(product / 2 ** 32);
  const upper = high * 1e6 + carry;
  if (bits >= 32) return Math.floor(upper / 2 ** (bits - 32));
  return upper * 2 ** (32 - bits) + Math.floor((product - carry * 2 ** 32) / 2 ** bits);
}
