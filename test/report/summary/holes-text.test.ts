import { expect, it } from 'vitest';
import { holes } from '../../../src/report/summary/holes-text.ts';
import { readSummary } from '../../../src/report/summary/summary.ts';
import { captureOf } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';

it.each([
  ['nothing is known', {}, ''],
  ['nothing is missing', { missed: 0, dropped: 0, filtered: 0, directions: 2, places: 1, clockJumps: 0 }, ''],
  [
    'acknowledged segments are missing',
    { missed: 12, filtered: 0 },
    'Segments that are not in the capture were acknowledged 12 times: it has holes.',
  ],
  [
    'the kernel dropped packets',
    { missed: 1, dropped: 1234 },
    'The kernel dropped 1,234 packets of this capture. Segments that are not in the capture were acknowledged 1 time: it has holes.',
  ],
  [
    'it was filtered',
    { filtered: 1 },
    'Every segment has data: a filter left out the others, and how connections closed is unknown.',
  ],
  [
    'only SYN, FIN and RST were let through',
    { filtered: 2, missed: 12 },
    'Every segment has SYN, FIN or RST: a filter left out the others, and what only an ACK shows is unknown.',
  ],
  [
    'one direction is missing',
    { directions: 1 },
    'Nearly all connections were captured in one direction only: of the other end little is known.',
  ],
  [
    'it was taken at two places',
    { places: 2 },
    'Many segments are in the capture twice, as of two places: those known as copies count once, at the time of the first; durations include up to half a round trip.',
  ],
  [
    'its clock jumped',
    { clockJumps: 2 },
    'The clock of the capture jumped 2 times: durations across that are not to be trusted.',
  ],
])('%s', (_, quality, text) => {
  const { captures } = readSummary(databaseOf([], [captureOf({ quality })]));
  expect(holes(captures).join(' ')).toBe(text);
});

it.each([
  [1, '1 connection was captured on both sides of a NAT, and counts once.'],
  [1200, '1,200 connections were captured on both sides of a NAT, and count once each.'],
])('%i connections were captured on both sides of a NAT', (count, text) => {
  expect(holes([], count).join(' ')).toBe(text);
});

it('files that overlap in time are no jump of a clock', () => {
  const files = [captureOf(), captureOf({ path: 'b.pcap', quality: { clockJumps: 1 } })];
  const text = holes(readSummary(databaseOf([], files)).captures).join(' ');
  expect(text).toContain('a.pcap and b.pcap overlap in time');
  expect(text).not.toContain('clock');
});
