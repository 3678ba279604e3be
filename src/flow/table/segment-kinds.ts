import { FIN, RST, type Segment, SYN } from '../../decode/segment.ts';

/** Fewer segments with data, and nothing else, show nothing. */
const WITH_DATA = 10;
/** A single FIN may be all that is left of a connection. */
const FINS = 2;

/** No filter left out segments, as far as they show. */
export const UNFILTERED = 0;
/** Every segment has data, as where a display filter let through the others only. */
export const DATA_ONLY = 1;
/** Every segment has SYN, FIN or RST, as with the capture filters that are recommended for closes. */
export const CONTROL_ONLY = 2;

/**
 * Which kinds of segments a capture has. Each connection has some of each but for the shortest: before a FIN comes at
 * least the ACK of the handshake.
 */
export class SegmentKinds {
  /** There is a segment without data, and one without SYN, FIN and RST: nothing is to be noted any more. */
  isMixed = false;
  private segments = 0;
  private fins = 0;
  private hasBare = false;
  private hasPlain = false;

  /** A segment of whichever flow. */
  note({ flags, payloadLength }: Segment): void {
    this.segments++;
    if (payloadLength === 0) this.hasBare = true;
    if ((flags & (SYN | FIN | RST)) === 0) this.hasPlain = true;
    if ((flags & FIN) !== 0) this.fins++;
    this.isMixed = this.hasBare && this.hasPlain;
  }

  /** What a filter let through so far: UNFILTERED, DATA_ONLY or CONTROL_ONLY. */
  get filter(): number {
    if (!this.hasBare && this.segments >= WITH_DATA) return DATA_ONLY;
    return !this.hasPlain && this.fins >= FINS ? CONTROL_ONLY : UNFILTERED;
  }
}
