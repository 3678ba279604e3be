/** What the segments of a file show of how it was captured: counts. */
export interface FileSigns {
  /** Flows that begin in it with one end only, which acknowledges what the other must have sent. */
  oneWay: number;
  /** Flows that begin in it of which both ends were captured. */
  twoWay: number;
  /** Segments that were captured before, at another place or the same. */
  copies: number;
  /** How often time went back or far ahead (clock-jumps.ts). */
  clockJumps: number;
}

/** No signs. */
export const noSigns = (): FileSigns => ({ oneWay: 0, twoWay: 0, copies: 0, clockJumps: 0 });
