import type { CaptureSummary } from '../../capture/base/summary.ts';
import type { FileIdentity } from '../../capture/files/file-identity.ts';

/** A row of `captures`: the file's summary and what the decoder made of its frames. */
export interface CaptureRow extends CaptureSummary {
  /** Frames that held a whole TCP header. */
  tcpSegments: number;
  /** Frames skipped, by reason. */
  skipped: Readonly<Record<string, number>>;
  /** What it is known by where it is a regular file. */
  file?: FileIdentity | undefined;
  /** Frame numbers of this run before this file. */
  frameBase: number;
  /** What the tracker and the kernel tell of a capture; undefined if nobody did. */
  quality?: CaptureQuality | undefined;
}

/** How complete a capture is: the columns of those names; undefined is NULL. */
export interface CaptureQuality {
  missed?: number | undefined;
  dropped?: number | undefined;
  filtered?: number | undefined;
  directions?: number | undefined;
  places?: number | undefined;
  clockJumps?: number | undefined;
}

/** A capture's damage without its class, which does not survive the way between threads. */
export type CaptureMessage = Omit<CaptureRow, 'damage'> & {
  damage: { reason: string; offset: number } | null;
};

/** A capture as it is passed to the writer's thread. */
export function toMessage(capture: CaptureRow): CaptureMessage {
  const { damage } = capture;
  return { ...capture, damage: damage === null ? null : { reason: damage.reason, offset: damage.offset } };
}
