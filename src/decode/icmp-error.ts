/** An ICMP error that quotes a TCP segment. The decoder reuses a single instance: it is valid until the next frame. */
export interface IcmpError {
  /** Of ICMP, or of ICMPv6 if the quoted segment is IPv6. */
  type: number;
  code: number;
  /** Address of its sender, as in Segment. */
  from0: number;
  from1: number;
  from2: number;
  from3: number;
}

/** An empty error for the decoder to fill. */
export function newIcmpError(): IcmpError {
  return { type: 0, code: 0, from0: 0, from1: 0, from2: 0, from3: 0 };
}
