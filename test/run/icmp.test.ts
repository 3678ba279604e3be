import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyze } from '../../src/run/pipeline.ts';
import { opened, temporaryFolder } from '../record/database.ts';

const CAPTURE = join(import.meta.dirname, '../../captures/causes/syn-prohibited.pcap');

it.each([1, 2, 4])('ICMP errors are those of the flows that they quote, in %d lanes', async (lanes) => {
  const target = join(temporaryFolder(), 'icmp.sqlite');
  await analyze([CAPTURE], { target, append: false, timeWait: undefined, lanes });
  const db = opened(target);
  const flows = db
    .prepare(
      `SELECT server_port, icmp_type, icmp_code, icmp_from_ip, count(*) AS flows FROM flows
       GROUP BY 1, 2, 3, 4 ORDER BY 1, 2`,
    )
    .raw()
    .all();
  expect(flows).toEqual([
    [9001, null, null, null, 5],
    // The router limits the rate of its errors.
    [9002, null, null, null, 1],
    [9002, 1, 1, 'fd00:9:1::1', 8],
    [9002, 3, 13, '10.9.1.1', 7],
  ]);
  // The first error of each flow, close behind a SYN.
  const segments = db
    .prepare(
      `SELECT DISTINCT e.endpoint, e.flags, e.seq, e.ack, e.len, e.at_us = f.icmp_us, e.frame - s.frame <= 2
       FROM close_segments AS e
       JOIN flows AS f ON f.id = e.flow_id
       JOIN close_segments AS s ON s.flow_id = e.flow_id AND s.n = e.n - 1
       WHERE e.meaning = 'ICMP error'`,
    )
    .raw()
    .all();
  expect(segments).toEqual([['client', '', 0, null, 0, 1, 1]]);
  const captures = db
    .prepare("SELECT frames - tcp_segments, skipped ->> 'not-tcp' FROM captures")
    .raw()
    .all();
  expect(captures).toEqual([[23, 23]]);
});
