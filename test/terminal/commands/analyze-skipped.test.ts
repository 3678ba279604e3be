import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyze } from '../../../src/run/pipeline.ts';
import { pcap } from '../../capture/make.ts';
import { ethernet, ipv4, tcp, udp, zeros } from '../../decode/build.ts';
import { temporaryFolder } from '../../record/database.ts';
import { finwait } from '../finwait.ts';

/** A folder with san.pcap: 60 frames of FCoE, 20 of UDP, 20 of TCP. */
function folderWithCapture(): string {
  const folder = temporaryFolder();
  const frames = [
    ...Array<Uint8Array>(60).fill(ethernet(0x8906, zeros(60))),
    ...Array<Uint8Array>(20).fill(ethernet(0x0800, ipv4({ protocol: 17 }, udp(53, zeros(40))))),
    ...Array.from({ length: 20 }, (_, n) => ethernet(0x0800, ipv4({}, tcp({ srcPort: 2000 + n })))),
  ];
  writeFileSync(join(folder, 'san.pcap'), pcap(frames.map((bytes) => ({ bytes: Buffer.from(bytes) }))));
  return folder;
}

it('the summary says what was skipped where it was more than a tenth of a capture', () => {
  const cwd = folderWithCapture();
  const { stdout } = finwait(['analyze', '--utc', 'san.pcap'], { cwd });
  expect(stdout.replaceAll('\n', ' ')).toContain(
    ' 80 of 100 frames (80 %) were skipped: 60 times neither IPv4 nor IPv6 (EtherType 0x8906); ' +
      '20 times IP, but not TCP (UDP) ',
  );
  // The database does not keep the numbers.
  expect(finwait(['report', 'san.pcap.sqlite'], { cwd }).stdout.replaceAll('\n', ' ')).toContain(
    ' 80 of 100 frames (80 %) were skipped: 60 times neither IPv4 nor IPv6; 20 times IP, but not TCP ',
  );
});

it.each([1, 2])('counts them by number in %d lanes', async (lanes) => {
  const path = join(folderWithCapture(), 'san.pcap');
  const { skipped } = await analyze([path], { target: undefined, append: false, timeWait: undefined, lanes });
  expect(skipped.most('not-ip')).toEqual([0x8906]);
  expect(skipped.most('not-tcp')).toEqual([17]);
});
