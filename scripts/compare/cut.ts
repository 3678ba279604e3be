import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCapture } from '../../src/capture/files/read.ts';
import { formatAddress } from '../../src/decode/address.ts';
import { decodeFrame } from '../../src/decode/decode.ts';
import { newSegment, type Segment } from '../../src/decode/segment.ts';
import type { FlowRow } from '../../test/lab/compare/database.ts';

/** What a trace needs besides a frame's bytes. */
interface Kept {
  timeUs: number;
  linkType: number;
  bytes: Buffer;
  wireLength: number;
}

/**
 * Cuts the segments of one connection into parts of this many seconds, one file each, in `folder`. A
 * part begins with the first segment after the one before; the last part takes the rest.
 */
export async function cutTrace(
  path: string,
  of: FlowRow,
  seconds: number[],
  folder: string,
): Promise<string[]> {
  const frames: Kept[] = [];
  const s = newSegment();
  await readCapture(path, (frame) => {
    if (decodeFrame(frame, s) !== 0 || !belongs(s, of)) return;
    const bytes = Buffer.from(frame.bytes.subarray(frame.start, frame.end));
    frames.push({ timeUs: frame.timeUs, linkType: frame.linkType, bytes, wireLength: frame.wireLength });
  });
  return seconds.map((length, i) => {
    const end = (frames[0]?.timeUs ?? 0) + (i === seconds.length - 1 ? Infinity : length * 1e6 + 1);
    const behind = frames.findIndex(({ timeUs }) => timeUs > end);
    const part = frames.splice(0, behind < 0 ? frames.length : behind);
    const file = join(folder, `${of.client_port}-${i}.pcap`);
    writeFileSync(file, Buffer.concat([fileHeader(part[0]?.linkType ?? 1), ...part.map(record)]));
    return file;
  });
}

function belongs(s: Segment, of: FlowRow): boolean {
  const source = `${formatAddress(s.src0, s.src1, s.src2, s.src3)} ${s.srcPort}`;
  const target = `${formatAddress(s.dst0, s.dst1, s.dst2, s.dst3)} ${s.dstPort}`;
  const [client, server] = [`${of.client_ip} ${of.client_port}`, `${of.server_ip} ${of.server_port}`];
  return (source === client && target === server) || (source === server && target === client);
}

function fileHeader(linkType: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0x40000, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

function record({ timeUs, bytes, wireLength }: Kept): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(timeUs / 1e6), 0);
  header.writeUInt32LE(timeUs % 1e6, 4);
  header.writeUInt32LE(bytes.length, 8);
  header.writeUInt32LE(wireLength, 12);
  return Buffer.concat([header, bytes]);
}
