// Forecasts from rates, lengths and limits, by plain arithmetic.

/**
 * Sockets that stand at once in a state: as many as enter it while one of them lasts (Little's law).
 * 1000 closes a second and TIME_WAITs of 60 s are 60,000.
 */
export function standingNumber(perSecond: number, lengthUs: number): number {
  return (perSecond * lengthUs) / 1e6;
}

/** The rate, a second, that can go on for ever: each port is free again before it has to be taken again. */
export function safeRate(ports: number, lengthUs: number): number {
  return (ports * 1e6) / lengthUs;
}

/** How the ports of one client for one server and port are used. */
export interface PortUse {
  /** Local ports that there are. */
  ports: number;
  /** Those taken now. */
  taken: number;
  /** Ports newly taken, a second. */
  perSecond: number;
  /** How long each stays taken, microseconds. */
  lengthUs: number;
}

/**
 * In how many microseconds there is no port left, 0 if there is none now; undefined if ports come back as
 * fast as they go.
 */
export function portsLastUs({ ports, taken, perSecond, lengthUs }: PortUse): number | undefined {
  if (taken >= ports) return 0;
  if (standingNumber(perSecond, lengthUs) <= ports) return undefined;
  return ((ports - taken) / perSecond) * 1e6;
}

/** In how many microseconds something that only grows reaches a limit; undefined if it does not grow. */
export function reachesUs(limit: number, now: number, perSecond: number): number | undefined {
  if (now >= limit) return 0;
  return perSecond > 0 ? ((limit - now) / perSecond) * 1e6 : undefined;
}

/** Events a second, from the first to the last of `count`; 0 of fewer than two. */
export function ratePerSecond(count: number, firstUs: number, lastUs: number): number {
  return count < 2 || lastUs <= firstUs ? 0 : ((count - 1) * 1e6) / (lastUs - firstUs);
}
