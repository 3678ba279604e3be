import { basename } from 'node:path';
import { gapSentences } from '../../../summary/holes-text.ts';
import { type CaptureFacts, readCaptures } from '../../../summary/summary.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Conclusion, certain } from '../../frame/conclusion.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Rule } from '../../frame/rule.ts';

/** Captures of which something is missing, or twice: conditions on captures. */
const LACKING =
  'missed > 0 OR dropped > 0 OR filtered > 0 OR directions = 1 OR places = 2 OR clock_jumps > 0';

const CASES: Cases = {
  sql: `SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  c.path AS capture, f.first_us AS since_us, f.last_us AS until_us,
  f.client_missed, f.server_missed, f.client_duplicates, f.server_duplicates, f.first_frame AS frame
FROM flows AS f JOIN captures AS c ON c.id = f.capture_id
WHERE ${LACKING}`,
  by: ['capture'],
  measures: {
    with_holes: 'sum(client_missed + server_missed > 0)',
    duplicates: 'sum(client_duplicates + server_duplicates)',
  },
  weight: 'client_missed + server_missed + client_duplicates + server_duplicates',
  marks: ['SYN', 'SYN-ACK', 'first segment', 'FIN', 'RST'],
};

/** What whoever reads the other findings must know of the capture. */
export const captureHoles: Rule = {
  code: 'capture-holes',
  title: 'the capture does not show everything: holes, a filter, one direction, two places',
  looksFor:
    'Captures with segments that were acknowledged and not captured, dropped packets, only some kinds of segments, ' +
    'one direction, segments that are there twice, or a clock that jumped.',
  thresholds: [],
  candidates: '1',
  worst: 'note',
  find: (db) => {
    const isWhole = db.prepare(`SELECT 1 FROM captures WHERE ${LACKING}`).get() === undefined;
    if (isWhole) return [];
    const captures = readCaptures(db);
    return groupCases(db, CASES, {}).map((group) => {
      const path = group.text('capture');
      return conclude(
        group,
        path,
        captures.filter((capture) => capture.path === path),
      );
    });
  },
};

/** @param captures the files of that path: a database may have one twice */
function conclude(group: CaseGroup, path: string, captures: readonly CaptureFacts[]): Conclusion {
  const sum = (of: 'missed' | 'dropped' | 'tcpSegments') =>
    captures.reduce((total, capture) => total + (capture[of] ?? 0), 0);
  const sentences = gapSentences(captures);
  const title = sentences[0] ?? '';
  return {
    group,
    severity: 'note',
    subject: basename(path),
    numbers: {
      connections: group.count,
      acknowledged_and_not_captured: ifAny(sum('missed')),
      of_segments_percent: ifAny((100 * sum('missed')) / Math.max(1, sum('missed') + sum('tcpSegments'))),
      in_connections: ifAny(group.number('with_holes')),
      dropped: ifAny(sum('dropped')),
      there_twice: ifAny(group.number('duplicates')),
    },
    advice: {
      title: `${title.charAt(0).toLowerCase()}${title.slice(1, -1)}`,
      cause:
        `${sentences.join(' ')} What was not captured may have been sent: ends whose state it would show are UNKNOWN, and no ` +
        'finding rests on them. What is certain elsewhere is likely here.',
      remedies: [
        'Capture again with a larger buffer and less of each frame: tcpdump -B 65536 -s 128, or finwait live.',
        'No display filter when saving, and no capture filter on flags: states are shown by bare ACKs, too.',
        'At an end, or where both directions pass: of an asymmetric route or a mirror port one may be missing.',
        'Captures of both ends as one file, in order of time: mergecap -w both.pcap client.pcap server.pcap.',
      ],
      notToDo: [
        'To take what is missing for lost: the ends had it, or they would have sent it again.',
        'To take UNKNOWN for open, or for a leak.',
      ],
    },
    certainty: certain('it is what was counted'),
  };
}
