/** What live-cap.ts asks cap-child.ts for, as JSON in its first argument. */
export interface CapRequest {
  device: string;
  filter: string;
  snapLength: number;
  /** Memory asked for the kernel's ring. */
  ringBytes: number;
  /** Who to be once the capture is open; as it was started if not given. */
  user?: { uid: number; gid: number } | undefined;
}

/** The child's exit code where cap cannot be loaded; the reason is on its standard error. */
export const CANNOT_LOAD = 10;

/** And where libpcap refuses, in its words on standard error. */
export const REFUSED = 11;
