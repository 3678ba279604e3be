/** TCP flag bits as in the header (RFC 9293 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

/**
 * One decoded TCP segment. The decoder reuses a single instance: it is valid until the next frame. Every
 * number is unsigned. Addresses are four 32-bit words in network order; an IPv4 address is in its
 * IPv4-mapped form (0, 0, 0xffff, address), so that one key fits both.
 */
export interface Segment {
  /** Capture time: microseconds since the epoch, a whole number. */
  timeUs: number;
  /** The frame's number in its file, from 1. */
  frame: number;
  /** 4 or 6. */
  ipVersion: number;
  src0: number;
  src1: number;
  src2: number;
  src3: number;
  dst0: number;
  dst1: number;
  dst2: number;
  dst3: number;
  srcPort: number;
  dstPort: number;
  seq: number;
  /** Meaningful only with ACK in `flags`. */
  ack: number;
  /** The eight bits CWR to FIN; test them with the constants above. */
  flags: number;
  /** As on the wire, not scaled. */
  window: number;
  /** Payload bytes by the IP header (by the frame if the IP total length is 0, as with TSO), without padding. */
  payloadLength: number;
  /** The first byte of the payload, -1 if there is none or it was not captured. */
  firstByte: number;
  /** TTL or hop limit. */
  ttl: number;
  /** IPv4 identification; 0 for IPv6. */
  ipId: number;
  /** Maximum segment size option, 0 if absent. */
  mss: number;
  /** Window scale option's shift, -1 if absent. */
  windowScale: number;
  /** SACK-permitted option. */
  sackPermitted: boolean;
  /** Number of SACK blocks and the highest right edge among them (by serial number order). */
  sackBlocks: number;
  sackRightEdge: number;
  /** A digest of the edges of all SACK blocks in their order, 0 without any. */
  sackDigest: number;
  /** The first SACK block is a D-SACK (RFC 2883): its sender has received that twice. */
  isDsack: boolean;
  /** The edges of that block, meaningful only if `isDsack`. */
  dsackLeft: number;
  dsackRight: number;
  /** Timestamps option. */
  hasTimestamps: boolean;
  tsVal: number;
  tsEcr: number;
  /**
   * The option layout (p0f's olayout): the first six option kinds in their order, as digits of base 32, the
   * first the highest. NOP is 1, a kind beyond 31 counts as 31; the end of the option list ends it.
   */
  optionLayout: number;
}

/** An empty segment for the decoder to fill. */
export function newSegment(): Segment {
  return {
    timeUs: 0,
    frame: 0,
    ipVersion: 0,
    src0: 0,
    src1: 0,
    src2: 0,
    src3: 0,
    dst0: 0,
    dst1: 0,
    dst2: 0,
    dst3: 0,
    srcPort: 0,
    dstPort: 0,
    seq: 0,
    ack: 0,
    flags: 0,
    window: 0,
    payloadLength: 0,
    firstByte: -1,
    ttl: 0,
    ipId: 0,
    mss: 0,
    windowScale: -1,
    sackPermitted: false,
    sackBlocks: 0,
    sackRightEdge: 0,
    sackDigest: 0,
    isDsack: false,
    dsackLeft: 0,
    dsackRight: 0,
    hasTimestamps: false,
    tsVal: 0,
    tsEcr: 0,
    optionLayout: 0,
  };
}

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
