import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finwait } from '../terminal/finwait.ts';
import { missingForLab, openLab, SERVICE_PORTS } from './lab.ts';
import { Player } from './scenarios/play.ts';
import { client, server } from './scenarios/steps.ts';

const missing = missingForLab();
// Where CI runs as root, nothing may be missing; without root there is no lab anywhere.
const skip = missing.length > 0 && (process.env.CI === undefined || missing.includes('root'));

const PORTS = 300;
const PER_SECOND = 40;
const KNOWN_SECONDS = 3.5;
const ALLOWED = 0.2;

interface Diagnosis {
  findings: { code: string; subject: string; evidence: { numbers: Record<string, number> } }[];
}

/** The beginning of a little-endian pcap file, and when it begins in epoch microseconds. */
function beginning(pcap: Buffer, seconds: number): { pcap: Buffer; firstUs: number } {
  const timeUs = (at: number): number => pcap.readUInt32LE(at) * 1e6 + pcap.readUInt32LE(at + 4);
  const firstUs = timeUs(24);
  let at = 24;
  while (at < pcap.length && timeUs(at) < firstUs + seconds * 1e6) at += 16 + pcap.readUInt32LE(at + 8);
  return { pcap: pcap.subarray(0, at), firstUs };
}

describe.skipIf(skip)(`a forecast${skip ? ` (needs ${missing.join(', ')})` : ''}`, () => {
  it('from the first half tells within 20 % when connect() finds no port any more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'finwait-forecast-'));
    const file = (name: string): string => join(folder, name);
    const range = { 'net.ipv4.ip_local_port_range': `50000 ${50_000 + PORTS - 1}` };
    const lab = await openLab({ subnet: 31, sysctls: { client: range } });
    try {
      const { v4 } = lab.network.addresses.client;
      const capture = await lab.capture('client', file('all.pcap'));
      const player = new Player(lab);
      await player.play([
        server.serves(SERVICE_PORTS[0], { answer: 400, closes: 'second' }),
        client.visits({
          ...{ ephemeral: true, count: 2 * PORTS, rate: PER_SECOND },
          ...{ answer: 400, closes: 'answered' },
        }),
      ]);
      await capture.stop();
      const { pcap, firstUs } = beginning(readFileSync(file('all.pcap')), KNOWN_SECONDS);
      writeFileSync(file('known.pcap'), pcap);
      writeFileSync(
        file('sysctl'),
        Object.entries(range)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join(''),
      );

      const db = file('known.sqlite');
      expect(finwait(['analyze', '--quiet', '--db', db, file('known.pcap')])).toMatchObject({ code: 0 });
      const words = ['--format', 'json', '--sysctl', `${v4}=${file('sysctl')}`, '--only', 'port-exhaustion'];
      const { stdout } = finwait(['diagnose', db, ...words]);
      const [finding] = (JSON.parse(stdout) as Diagnosis).findings;
      expect(finding?.subject).toBe(`${v4} -> ${lab.network.addresses.server.v4}:${SERVICE_PORTS[0]}`);

      const trueUs = player.exhausted_us! - firstUs;
      const forecastUs = finding!.evidence.numbers.exhausted_at_us! - firstUs;
      expect(trueUs).toBeGreaterThan(KNOWN_SECONDS * 1e6);
      expect(Math.abs(forecastUs - trueUs) / trueUs).toBeLessThan(ALLOWED);
    } finally {
      lab.close();
      rmSync(folder, { recursive: true });
    }
  });
});
