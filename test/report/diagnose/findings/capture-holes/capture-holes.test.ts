import { describe, expect, it } from 'vitest';
import type { CaptureRow } from '../../../../../src/record/rows/capture-row.ts';
import { diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import { captureOf } from '../../../../record/batches.ts';
import { databaseOf } from '../../../../record/database.ts';
import { closes } from '../../closes.ts';

const found = (quality: CaptureRow['quality']) =>
  diagnose(databaseOf(closes(20), [captureOf({ quality })]), { only: ['capture-holes'] }).findings;

describe('capture-holes', () => {
  it.each([
    [
      'holes',
      { missed: 12 },
      'segments that are not in the capture were acknowledged 12 times: it has holes',
    ],
    ['dropped packets', { dropped: 7, missed: 1 }, 'the kernel dropped 7 packets of this capture'],
    ['data only', { filtered: 1 }, /^every segment has data: a filter/],
    ['SYN, FIN and RST only', { filtered: 2, missed: 9 }, /^every segment has SYN, FIN or RST: a filter/],
    ['one direction', { directions: 1 }, /^nearly all connections were captured in one direction/],
    ['two places', { places: 2 }, /^many segments are in the capture twice/],
    ['a clock that jumped', { clockJumps: 1 }, /^the clock of the capture jumped once/],
  ] as const)('is a note on a capture of %s', (_, quality, title) => {
    const findings = found(quality);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'note', count: 20 });
    expect(findings[0]?.title).toMatch(title);
  });

  it.each([
    [
      'nothing is missing of',
      { missed: 0, dropped: 0, filtered: 0, directions: 2, places: 1, clockJumps: 0 },
    ],
    ['nothing is known of', {}],
  ])('is not found where %s the capture', (_, quality) => {
    expect(found(quality)).toEqual([]);
  });
});
