/** The longest frame any reader hands on: libpcap's MAXIMUM_SNAPLEN. A longer record is damage. */
export const MAX_FRAME_LENGTH = 262_144;

/**
 * One captured frame. A reader owns a single instance and overwrites it for the next frame, so a
 * handler reads what it needs and keeps nothing. `bytes` and `view` cover the same memory.
 */
export interface Frame {
  /** The buffer that holds the frame; only `start` up to `end` belong to it. */
  bytes: Uint8Array;
  view: DataView;
  /** Offset of the first captured byte in `bytes`. */
  start: number;
  /** Offset just past the last captured byte. */
  end: number;
  /** Length on the wire in bytes; more than `end - start` where the snap length cut the frame. */
  wireLength: number;
  /** Capture time: microseconds since the epoch, UTC, a whole number (nanoseconds are cut). */
  timeUs: number;
  /** libpcap's LINKTYPE_ number, see tcpdump.org/linktypes.html. */
  linkType: number;
  /** Number in its file, from 1, as Wireshark counts. */
  number: number;
}

/** Called once per frame, in file order. */
export type OnFrame = (frame: Frame) => void;

/** An empty frame for a reader to fill. */
export function newFrame(): Frame {
  const bytes = new Uint8Array(0);
  return {
    bytes,
    view: new DataView(bytes.buffer),
    start: 0,
    end: 0,
    wireLength: 0,
    timeUs: 0,
    linkType: 0,
    number: 0,
  };
}
