/** How a capture file is laid out around its frames: Ethernet, microseconds, little endian. */
export interface Container {
  /** Writes what the file begins with at the start of a block; returns where the first record goes. */
  begin(block: DataView, snapLength: number): number;
  /** Writes what stands before a frame, at `at`; returns where the frame goes. */
  record(block: DataView, at: number, timeUs: number, captured: number, wireLength: number): number;
  /** Ends the record at `at`, whose frame ends at `end`; returns where the next one goes. */
  end(block: DataView, at: number, end: number): number;
}

const ETHERNET = 1;

/** The classic format. */
export const PCAP: Container = {
  begin(block, snapLength) {
    block.setUint32(0, 0xa1b2c3d4, true);
    block.setUint16(4, 2, true);
    block.setUint16(6, 4, true);
    block.setUint32(16, snapLength, true);
    block.setUint32(20, ETHERNET, true);
    return 24;
  },
  record(block, at, timeUs, captured, wireLength) {
    block.setUint32(at, Math.floor(timeUs / 1e6), true);
    block.setUint32(at + 4, timeUs % 1e6, true);
    block.setUint32(at + 8, captured, true);
    block.setUint32(at + 12, wireLength, true);
    return at + 16;
  },
  end: (_block, _at, end) => end,
};

/** pcapng: a section header, an interface of Ethernet, and an enhanced packet block for each frame. */
export const PCAPNG: Container = {
  begin(block, snapLength) {
    block.setUint32(0, 0x0a0d0d0a, true);
    block.setUint32(4, 28, true);
    block.setUint32(8, 0x1a2b3c4d, true);
    block.setUint16(12, 1, true);
    // Nobody has said how long the section is.
    block.setInt32(16, -1, true);
    block.setInt32(20, -1, true);
    block.setUint32(24, 28, true);
    block.setUint32(28, 1, true);
    block.setUint32(32, 20, true);
    block.setUint16(36, ETHERNET, true);
    block.setUint32(40, snapLength, true);
    block.setUint32(44, 20, true);
    return 48;
  },
  record(block, at, timeUs, captured, wireLength) {
    block.setUint32(at, 6, true);
    block.setUint32(at + 8, 0, true);
    block.setUint32(at + 12, Math.floor(timeUs / 2 ** 32), true);
    block.setUint32(at + 16, timeUs % 2 ** 32, true);
    block.setUint32(at + 20, captured, true);
    block.setUint32(at + 24, wireLength, true);
    return at + 28;
  },
  end(block, at, end) {
    let padded = end;
    while ((padded - at) % 4 !== 0) block.setUint8(padded++, 0);
    const length = padded + 4 - at;
    block.setUint32(at + 4, length, true);
    block.setUint32(padded, length, true);
    return padded + 4;
  },
};

/** By the name that the generator takes. */
export const CONTAINERS: Readonly<Record<string, Container>> = { pcap: PCAP, pcapng: PCAPNG };
