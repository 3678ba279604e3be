import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyze } from '../../src/run/pipeline.ts';
import { opened, temporaryFolder } from '../record/database.ts';

const CAPTURE = join(import.meta.dirname, '../../captures/icmp-prohibited.pcap');

it.each([1, 2, 4])('ICMP errors are those of the flows that they quote, in %d lanes', async (lanes) => {
  const target = join(temporaryFolder(), 'icmp.sqlite');
  await analyze([CAPTURE], { target, append: false, timeWait: undefined, lanes });
  const db = opened(target);
  const flows = db
    .prepare(
      `SELECT client_ip, client_segments, icmp_us - first_us AS after_us, icmp_type, icmp_code, icmp_from_ip
       FROM flows ORDER BY id`,
    )
    .all();
  expect(flows).toEqual([
    {
      client_ip: '10.9.1.2',
      client_segments: 1,
      after_us: 136,
      icmp_type: 3,
      icmp_code: 13,
      icmp_from_ip: '10.9.1.1',
    },
    {
      client_ip: 'fd00:9:1::2',
      client_segments: 2,
      after_us: 68,
      icmp_type: 1,
      icmp_code: 1,
      icmp_from_ip: 'fd00:9:1::1',
    },
  ]);
  const segments = db
    .prepare(
      "SELECT frame, endpoint, flags, seq, ack, len FROM close_segments WHERE meaning = 'ICMP error' ORDER BY frame",
    )
    .raw()
    .all();
  expect(segments).toEqual([
    [2, 'client', '', 0, null, 0],
    [4, 'client', '', 0, null, 0],
  ]);
  const captures = db.prepare('SELECT frames, tcp_segments, skipped FROM captures').all();
  expect(captures).toEqual([{ frames: 6, tcp_segments: 3, skipped: '{"not-tcp":3}' }]);
});
