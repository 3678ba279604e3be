import type { CaptureError } from './error.ts';

/** What one capture file turned out to be; the row of `captures`. */
export interface CaptureSummary {
  /** As given on the command line; `-` is standard input. */
  path: string;
  /** `pcap`, `pcap-ns`, `pcap-modified` or `pcapng`, with `+gzip`, `+zstd`, `+lz4` or `+xz` where compressed. */
  format: string;
  /** The LINKTYPE_ numbers met, in order of appearance. */
  linkTypes: number[];
  /** Frames handed on. */
  frames: number;
  /** Number of the last record that has one; more than `frames` where some are no packets (systemd journal). */
  lastFrame: number;
  /** Earliest and latest capture time in microseconds since the epoch; NaN without frames. */
  firstUs: number;
  lastUs: number;
  /** Set where the file is cut or damaged: all before it was read. */
  damage: CaptureError | null;
}
