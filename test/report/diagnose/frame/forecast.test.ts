import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/report/diagnose/diagnose.ts';
import {
  portsLastUs,
  ratePerSecond,
  reachesUs,
  safeRate,
  standingNumber,
} from '../../../../src/report/diagnose/frame/forecast.ts';
import { analyze } from '../../../../src/run/pipeline.ts';
import { opened, temporaryFolder } from '../../../record/database.ts';
import { ROOT } from '../../../terminal/finwait.ts';
import { expectedOf, sysctlsOf } from '../diagnosed.ts';

const MINUTE = 60_000_000;

it('1000 closes a second and TIME_WAITs of 60 s are 60,000 at once', () => {
  expect(standingNumber(1000, MINUTE)).toBe(60_000);
});

it('28,232 ports that rest for 60 s are good for 470 closes a second', () => {
  expect(safeRate(28_232, MINUTE)).toBeCloseTo(470.5, 1);
});

describe('ports', () => {
  const use = { ports: 28_232, taken: 0, perSecond: 1000, lengthUs: MINUTE };

  it.each([
    ['run out after ports / rate', {}, 28_232_000],
    ['run out sooner where some are taken', { taken: 8232 }, 20_000_000],
    ['are gone where all are taken', { taken: 28_232 }, 0],
    ['last for ever at a rate that gives them back in time', { perSecond: 470 }, undefined],
    ['just do not last at the next one', { perSecond: 471 }, 59_940_552],
  ])('%s', (_, change, us) => {
    const lasts = portsLastUs({ ...use, ...change });
    expect(lasts === undefined ? undefined : Math.round(lasts)).toBe(us);
  });
});

it.each([
  ['what grows reaches a limit', 1024, 24, 10, 100_000_000],
  ['what has reached it', 1024, 1024, 10, 0],
  ['what does not grow never reaches it', 1024, 24, 0, undefined],
])('%s', (_, limit, now, perSecond, us) => {
  expect(reachesUs(limit, now, perSecond)).toBe(us);
});

it('the rate is that of the gaps: eleven events in ten seconds are one a second', () => {
  expect(ratePerSecond(11, 0, 10_000_000)).toBe(1);
  expect([ratePerSecond(1, 0, 10), ratePerSecond(5, 7, 7)]).toEqual([0, 0]);
});

describe('the first EADDRNOTAVAIL of a host with 200 ports', () => {
  const CAPTURE = 'causes/port-exhaustion.pcap.gz';
  const expected = expectedOf(CAPTURE);
  const whole = gunzipSync(readFileSync(join(ROOT, 'captures', CAPTURE)));

  it.each([0.2, 0.5, 0.8, 1])('is forecast to a fifth from %d of the capture', async (share) => {
    const folder = temporaryFolder();
    const [part, path] = [join(folder, 'part.pcap'), join(folder, 'part.sqlite')];
    writeFileSync(part, firstRecords(whole, share));
    await analyze([part], { target: path, append: false, timeWait: undefined });
    const { findings } = diagnose(opened(path), {
      sysctls: sysctlsOf(expected),
      only: ['port-exhaustion'],
      thresholds: { 'time-wait-closes': 20 },
    });
    const [finding] = findings;
    const at = finding?.evidence.numbers.exhausted_at_us ?? 0;
    const took = expected.exhausted_us! - finding!.sinceUs;
    expect(Math.abs(at - expected.exhausted_us!)).toBeLessThan(0.2 * took);
  });
});

/** A share of a pcap's records, from the first on. */
function firstRecords(pcap: Buffer, share: number): Buffer {
  const ends: number[] = [];
  for (let at = 24; at < pcap.length; ends.push(at)) at += 16 + pcap.readUInt32LE(at + 8);
  return pcap.subarray(0, ends[Math.round(ends.length * share) - 1]);
}
