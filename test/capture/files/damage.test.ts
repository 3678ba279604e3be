import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../../src/capture/base/error.ts';
import { readCapture } from '../../../src/capture/files/read.ts';
import { Blocks, outcome, payload, pcap, streamed, temporary, written } from '../make.ts';

const b = new Blocks();
const packet = { bytes: payload(60) };
const modified = { magic: 0xa1b2cd34 };
const begun = [b.section(), b.interface(), b.enhanced(payload(60))];
const ng = (...blocks: Buffer[]) => Buffer.concat([...begun, ...blocks]);
/** Where the blocks after `begun` start, and the records after the first one. */
const NG = begun.reduce((length, block) => length + block.length, 0);
const PCAP = 24 + 16 + 60;
const whole = pcap([packet, packet]);
const cutAt = (bytes: Buffer, end: number) => bytes.subarray(0, end);
const patched = (bytes: Buffer, at: number, value: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(value, at);
  return copy;
};

const TOO_LONG = 'captured bytes, more than the maximum of 262144';

describe('damage behind the header keeps the frames before it', () => {
  it.each([
    [
      'a length of 0xffffffff',
      pcap([packet, { ...packet, captured: 0xffff_ffff }]),
      PCAP,
      `a record claims 4294967295 ${TOO_LONG}`,
    ],
    [
      'a length one too large',
      pcap([packet, { ...packet, captured: 262_145 }]),
      PCAP,
      `a record claims 262145 ${TOO_LONG}`,
    ],
    ['a cut record header', cutAt(whole, PCAP + 15), PCAP, 'ends inside a record header: 15 of 16 bytes'],
    ['a cut packet', cutAt(whole, whole.length - 1), PCAP, 'ends inside a record: 75 of 76 bytes'],
    [
      'a record header without its packet',
      cutAt(whole, PCAP + 16),
      PCAP,
      'ends inside a record: 16 of 76 bytes',
    ],
    [
      'a length beyond the file',
      pcap([packet, { ...packet, captured: 61 }]),
      PCAP,
      'ends inside a record: 76 of 77 bytes',
    ],
    [
      'a cut modified record header',
      cutAt(pcap([packet, packet], modified), PCAP + 8 + 23),
      PCAP + 8,
      'ends inside a record header: 23 of 24 bytes',
    ],
    [
      'a cut modified record',
      cutAt(pcap([packet, packet], modified), PCAP + 8 + 30),
      PCAP + 8,
      'ends inside a record: 30 of 84 bytes',
    ],
    [
      'a block length of 0',
      ng(b.block(0x7777, payload(4), 0)),
      NG,
      'block length 0 is below the minimum of 12',
    ],
    [
      'a block length of 8',
      ng(b.block(0x7777, payload(4), 8)),
      NG,
      'block length 8 is below the minimum of 12',
    ],
    [
      'a block length that is no multiple of 4',
      ng(b.block(0x7777, payload(4), 15)),
      NG,
      'block length 15 is no multiple of 4',
    ],
    [
      'a block beyond the file',
      ng(b.block(0x7777, payload(4), 20)),
      NG,
      'ends inside a block: 16 of 20 bytes',
    ],
    [
      'a block of 16 MiB and more',
      ng(b.block(0x7777, payload(4), 0x0100_0004)),
      NG,
      'block length 16777220 is above the maximum of 16777216',
    ],
    ['a cut block header', ng(payload(11)), NG, 'ends inside a block header: 11 of 12 bytes'],
    [
      'two lengths that differ',
      patched(ng(b.enhanced(payload(4))), NG + 32, 40),
      NG,
      "the block's two lengths differ, 36 and 40",
    ],
    ['a short packet block', ng(b.block(6, payload(16))), NG, 'block length 28 is below the minimum of 32'],
    ['a short interface block', ng(b.block(1, payload(4))), NG, 'block length 16 is below the minimum of 20'],
    [
      'an unknown interface',
      ng(b.enhanced(payload(4), 1n, { id: 7 })),
      NG,
      'a packet of interface 7, but the section has 1',
    ],
    [
      'an interface of the section before',
      ng(b.section(), b.enhanced(payload(4))),
      NG + 28,
      'a packet of interface 0, but the section has 0',
    ],
    [
      'a simple packet without an interface',
      ng(b.section(), b.simple(payload(4))),
      NG + 28,
      'a packet of interface 0, but the section has 0',
    ],
    [
      'a packet beyond its block',
      ng(b.enhanced(payload(8), 1n, { captured: 9 })),
      NG,
      'a packet claims 9 captured bytes, its block has room for 8',
    ],
    [
      'a simple packet beyond its block',
      ng(b.simple(payload(8), 9)),
      NG,
      'a packet claims 9 captured bytes, its block has room for 8',
    ],
    ['a packet that is too long', ng(b.enhanced(payload(262_145))), NG, `a record claims 262145 ${TOO_LONG}`],
    ['a section of another version', ng(b.section(2)), NG, 'pcapng version 2 is unknown'],
    [
      'a section of no byte order',
      patched(ng(b.section()), NG + 8, 0x0403_0201),
      NG,
      'unknown byte-order magic 0x01020304',
    ],
  ])('%s', async (_, bytes, offset, reason) => {
    const path = written(bytes);
    const { frames, damage } = await readCapture(path, () => {});
    expect(frames).toBe(1);
    expect(damage).toBeInstanceOf(CaptureError);
    expect(damage?.message).toBe(`${path}: at byte ${offset}: ${reason}`);
    expect(damage).toMatchObject({ path, offset, reason, code: undefined });
    expect(await streamed(bytes, 7)).toEqual(await outcome(path));
  });

  it('a section with too many interfaces', async () => {
    const bytes = ng(...Array.from({ length: 65_536 }, () => b.interface()));
    const { damage, summary } = await outcome(written(bytes));
    expect(damage).toBe(`${NG + 65_535 * 20}: more than 65536 interfaces in a section`);
    expect(summary?.frames).toBe(1);
  });
});

describe('what is no capture is refused', () => {
  it.each([
    ['an empty file', '', 'is empty'],
    ['one byte', Buffer.from([0xd4]), 'is too short for a capture: 1 of 4 bytes of its magic'],
    ['a cut file header', cutAt(whole, 23), 'ends inside the file header: 23 of 24 bytes'],
    ['a cut section header', cutAt(b.section(), 27), 'ends inside a block: 27 of 28 bytes'],
    ['four bytes of pcapng', cutAt(b.section(), 4), 'ends inside a block header: 4 of 12 bytes'],
    ['pcapng of no byte order', patched(b.section(), 8, 0), 'unknown byte-order magic 0x00000000'],
    [
      'a text',
      'GET / HTTP/1.1\r\nHost: example.net\r\n\r\n',
      'is text, not a capture (text2pcap makes a capture of a hex dump)',
    ],
    ['a text in UTF-8', 'Größe: 7 µs', 'is text, not a capture (text2pcap makes a capture of a hex dump)'],
    [
      'a hex dump',
      '0000  45 00 00 3c 1c 46 40 00',
      'is text, not a capture (text2pcap makes a capture of a hex dump)',
    ],
    [
      'an unknown magic',
      Buffer.from('0123456789abcdef', 'hex'),
      'is neither pcap nor pcapng: unknown magic 0x01234567',
    ],
    ['HTML', '<!DOCTYPE html><html></html>', 'is an HTML page, not a capture'],
    [
      'SQLite',
      'SQLite format 3\0\x10\0\x01\x01',
      'is an SQLite database, not a capture: if finwait made it, ask it with finwait report',
    ],
    ['ZIP', 'PK\x03\x04\x14\0\0\0', 'is a ZIP archive: unpack it first'],
    ['bzip2', 'BZh91AY&SY', 'is compressed with bzip2: decompress it first'],
    ['snoop', 'snoop\0\0\0\0\0\0\x02', 'is a Solaris snoop capture: convert it with editcap'],
    ['NetMon', 'GMBU\0\x02', 'is a Microsoft Network Monitor capture: convert it with editcap'],
    [
      'tar',
      Buffer.concat([Buffer.from('a.pcap'), Buffer.alloc(251), Buffer.from('ustar\0')]),
      'is a tar archive: unpack it first',
    ],
  ])('%s', async (_, bytes, reason) => {
    const path = written(bytes);
    const error = await readCapture(path, () => {}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ message: `${path}: ${reason}`, path, offset: 0, reason });
    expect(await streamed(fs.readFileSync(path))).toEqual({ frames: [], rejected: `0: ${reason}` });
  });

  it('no such file', async () => {
    const path = temporary();
    await expect(readCapture(path, () => {})).rejects.toMatchObject({
      message: `${path}: no such file`,
      code: 'ENOENT',
    });
  });

  it('a directory', async () => {
    const path = dirname(temporary());
    await expect(readCapture(path, () => {})).rejects.toMatchObject({
      message: `${path}: is a directory`,
      code: 'EISDIR',
    });
  });

  it('a file without permission', async () => {
    const path = written(whole);
    fs.chmodSync(path, 0o000);
    fs.chmodSync(dirname(path), 0o755);
    // Root may read everything, so it steps down for the test.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      await expect(readCapture(path, () => {})).rejects.toMatchObject({
        message: `${path}: permission denied`,
        code: 'EACCES',
      });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });
});
