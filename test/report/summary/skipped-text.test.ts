import { describe, expect, it } from 'vitest';
import { NOT_IP, NOT_TCP, SkippedNumbers } from '../../../src/decode/verdict.ts';
import type { CaptureRow } from '../../../src/record/rows/capture-row.ts';
import { skippedShare } from '../../../src/report/summary/skipped-text.ts';
import { readSummary } from '../../../src/report/summary/summary.ts';
import { textWidth } from '../../../src/report/text.ts';
import { captureOf } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';

/** The sentence about captures of these rows, on one line. */
function sentence(rows: Partial<CaptureRow>[], numbers?: SkippedNumbers): string {
  const captures = readSummary(databaseOf([], rows.map(captureOf))).captures;
  return skippedShare(captures, numbers).join(' ');
}

function counted(...counts: [times: number, verdict: number, number: number][]): SkippedNumbers {
  const numbers = new SkippedNumbers();
  for (const [times, verdict, number] of counts) for (let n = 0; n < times; n++) numbers.add(verdict, number);
  return numbers;
}

describe('skipped frames in a sentence', () => {
  it('is not there for a tenth of them', () => {
    expect(sentence([{ frames: 100, skipped: { 'not-ip': 6, 'not-tcp': 4 } }])).toBe('');
    expect(sentence([{ frames: 0, skipped: {} }])).toBe('');
  });

  it('says how many of how many beyond it', () => {
    expect(sentence([{ frames: 100, skipped: { 'not-ip': 6, 'not-tcp': 5 } }])).toBe(
      '11 of 100 frames (11 %) were skipped: 6 times neither IPv4 nor IPv6; 5 times IP, but not TCP',
    );
  });

  it('leaves out reasons of few frames', () => {
    expect(sentence([{ frames: 1000, skipped: { encrypted: 400, 'not-ip': 100 } }])).toBe(
      '500 of 1,000 frames (50 %) were skipped: 400 times an encrypted Wi-Fi frame',
    );
  });

  it('names what they were: by number, or by name where that is common', () => {
    const skipped = { 'not-ip': 50, 'not-tcp': 50 };
    const numbers = counted([30, NOT_IP, 0x8906], [20, NOT_IP, 0x806], [40, NOT_TCP, 17], [10, NOT_TCP, 99]);
    expect(sentence([{ frames: 100, skipped }], numbers)).toBe(
      '100 of 100 frames (100 %) were skipped: 50 times neither IPv4 nor IPv6 (EtherType 0x8906, ARP); ' +
        '50 times IP, but not TCP (UDP, IP protocol 99)',
    );
  });

  it('names link types that are not known, of those captures alone', () => {
    const known = { frames: 100, linkTypes: [1, 147], skipped: {} };
    const unknown = { path: 'b.pcap', frames: 50, linkTypes: [1, 10], skipped: { 'unknown-link': 40 } };
    expect(sentence([known, unknown])).toBe(
      'b.pcap: 40 of 50 frames (80 %) were skipped: 40 times a link type that finwait does not know (link type 10)',
    );
  });

  it('is one for several captures', () => {
    const row = { frames: 100, skipped: { 'not-tcp': 20 } };
    expect(sentence([row, row, { frames: 900, skipped: { 'not-tcp': 1 } }])).toBe(
      '2 of 3 files: 40 of 200 frames (20 %) were skipped: 40 times IP, but not TCP',
    );
  });

  it('takes a reason of a later finwait as it is, and a path as text', () => {
    const rows = [{}, { path: 'b\x1b.pcap', skipped: { 'too-loud': 50 } }];
    expect(sentence(rows)).toBe('b\\x1b.pcap: 50 of 100 frames (50 %) were skipped: 50 times too-loud');
  });

  it('fits 80 columns', () => {
    const rows = [{ frames: 1e12, skipped: { 'bad-length': 4e11, 'truncated-header': 5e11 } }];
    const lines = skippedShare(readSummary(databaseOf([], rows.map(captureOf))).captures);
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
  });
});
