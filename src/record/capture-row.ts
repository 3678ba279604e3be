import type { FileIdentity } from '../capture/file-identity.ts';
import type { CaptureSummary } from '../capture/summary.ts';

/** A row of `captures`: the file's summary and what the decoder made of its frames. */
export interface CaptureRow extends CaptureSummary {
  /** Frames that held a whole TCP header. */
  tcpSegments: number;
  /** Frames passed over, by reason. */
  skipped: Readonly<Record<string, number>>;
  /** What it is known by where it is a regular file. */
  file?: FileIdentity | undefined;
  /** Frame numbers of this run before this file. */
  frameBase: number;
}
