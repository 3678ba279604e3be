import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForReading } from '../src/record/open-database.ts';
import { analyze } from '../src/run/pipeline.ts';
import { capturesUnder, EXAMPLES } from './examples.ts';

// Troubles that were reproduced between real kernels, and cuts of public captures: what must be said of them. They
// lie beside the repository; where they do not, nothing is tested. Each table is one kind of fact, a row a file, read
// off the segments as tshark shows them; a file without a row has what is said of all the others.

/** A kind of fact: a question whose rows are one text each, and the answers by file. */
interface Fact {
  what: string;
  sql: string;
  /** The answer of files that have no row; without it they are not asked. */
  otherwise?: string[];
  rows: Record<string, string[]>;
}

const CLOSES: Fact = {
  what: 'its flows: how many closed how, who first, and the last states of client and server',
  sql: `SELECT concat_ws(' ', count(*), close_kind, coalesce(closed_first, '-'), client_state,
    coalesce(server_state, '-')) FROM flows GROUP BY close_kind, closed_first, client_state, server_state`,
  rows: {
    'field/a2k8s-invalid-client.pcap.gz': [
      '22 fin client TIME_WAIT CLOSED',
      '7 fin-reset client CLOSED CLOSED',
      // What came past the NAT, from an address that has no connection: the client's RST answers it.
      '7 reset client CLOSED CLOSED',
      '1 open - ESTABLISHED ESTABLISHED',
    ],
    'field/a2k8s-invalid-server.pcap.gz': [
      '23 fin client TIME_WAIT CLOSED',
      '7 fin-reset client CLOSED CLOSED',
    ],
    'field/b-keepalive-race.pcap.gz': [
      '231 fin client TIME_WAIT CLOSED',
      '8 fin-reset server CLOSED CLOSED',
      '1 open - ESTABLISHED ESTABLISHED',
    ],
    // Of 257 ports that closed 197 were used again, or 60 s passed.
    'field/c-ipvs-reuse.pcap.gz': [
      '197 fin server CLOSED CLOSED',
      '60 fin server CLOSED TIME_WAIT',
      '1 unanswered - SYN_SENT -',
    ],
    // Begun and ended amid closes: of 8 flows only the client's FIN and its ACK.
    'field/cut-start-nginx.pcap.gz': [
      '814 fin server CLOSED TIME_WAIT',
      '14 half server ESTABLISHED FIN_WAIT_1',
      '8 half - UNKNOWN UNKNOWN',
      '7 fin client TIME_WAIT CLOSED',
      '6 open - ESTABLISHED ESTABLISHED',
    ],
    'field/d-snat-race-client.pcap.gz': ['196 fin client TIME_WAIT CLOSED'],
    // The relay waits on both legs of 14.
    'field/e-proxy-pair.pcap.gz': ['52 fin server CLOSED TIME_WAIT', '28 half server CLOSE_WAIT FIN_WAIT_2'],
    'field/f-tls-notify.pcap.gz': [
      '38 fin-reset server CLOSED CLOSED',
      '1 fin-reset both CLOSED CLOSED',
      '1 fin-unacked server LAST_ACK FIN_WAIT_2',
    ],
    'field/ff-fin-tlp-client.pcap.gz': ['60 fin-reset server CLOSED CLOSED'],
    'field/hh-race-crossing-client.pcap.gz': [
      '68 fin client TIME_WAIT CLOSED',
      '25 fin-reset server CLOSED CLOSED',
      '6 open - ESTABLISHED ESTABLISHED',
      '1 half client FIN_WAIT_1 ESTABLISHED',
    ],
    'field/hh-race-crossing-server.pcap.gz': [
      '75 fin client TIME_WAIT CLOSED',
      '25 fin-reset server CLOSED CLOSED',
    ],
    'field/i-haproxy-check.pcap.gz': ['179 reset client CLOSED CLOSED', '60 fin client TIME_WAIT CLOSED'],
    'field/k2snat-exhausted-client.pcap.gz': [
      '90 fin client TIME_WAIT CLOSED',
      '60 open - ESTABLISHED ESTABLISHED',
      // The next SYN was due, and as long again passed.
      '27 unanswered - CLOSED -',
      '3 unanswered - SYN_SENT -',
    ],
    'field/l-host-gone.pcap.gz': ['12 open - ESTABLISHED ESTABLISHED', '4 unanswered - CLOSED -'],
    'field/m-lb-idle-reset-client.pcap.gz': [
      '15 fin client TIME_WAIT CLOSED',
      '15 reset server CLOSED CLOSED',
    ],
    'field/m-lb-idle-reset-server.pcap.gz': [
      '15 fin client TIME_WAIT CLOSED',
      '15 reset client CLOSED CLOSED',
    ],
    'field/nn-nginx-node.pcap.gz': [
      '29 fin-reset server CLOSED CLOSED',
      '1 fin server CLOSED TIME_WAIT',
      '1 open - ESTABLISHED ESTABLISHED',
    ],
    'field/nr-late-capture.pcap.gz': ['12 fin client TIME_WAIT CLOSED', '8 reset server CLOSED CLOSED'],
    'field/oo-stream-cancel-server.pcap.gz': ['40 fin-reset client CLOSED CLOSED'],
    'field/q-client-timeout-client.pcap.gz': [
      '78 fin client TIME_WAIT CLOSED',
      '12 fin-reset client CLOSED CLOSED',
    ],
    'field/qq-keepalive-requests-client.pcap.gz': ['40 fin server CLOSED TIME_WAIT'],
    'field/s-icmp-reject.pcap.gz': [
      '25 fin client TIME_WAIT CLOSED',
      '21 unanswered - CLOSED -',
      '4 unanswered - SYN_SENT -',
    ],
    'field/v-stale-pool.pcap.gz': [
      '27 fin client TIME_WAIT CLOSED',
      '10 fin-reset server CLOSED CLOSED',
      '1 open - ESTABLISHED ESTABLISHED',
    ],
    'field/x-rollout.pcap.gz': ['15 open - ESTABLISHED ESTABLISHED'],
    'field/z-keepalive-fail.pcap.gz': ['8 reset client CLOSED CLOSED'],
    'wild/browser-fin-rst-crossing-fin.pcap': ['1 fin-reset both CLOSED CLOSED'],
    'wild/cisco-sgt-one-direction.pcap': ['1 fin-reset both CLOSED CLOSED'],
    'wild/defer-accept.pcap': ['12 open - ESTABLISHED ESTABLISHED', '3 fin server CLOSED TIME_WAIT'],
    // The peer acknowledges data that is beyond the FIN: it never had that FIN.
    'wild/fin-retransmitted-not-accepted.pcap': ['1 half - ESTABLISHED UNKNOWN'],
    'wild/idle-keepalive-10.pcap': ['10 open - ESTABLISHED ESTABLISHED'],
    'wild/injected-rst-taken-back.pcap': ['1 reset server CLOSED CLOSED'],
    'wild/isn-translated-twice.pcap': ['1 fin server CLOSED TIME_WAIT'],
    'wild/keepalive-only-ssh-hassh.pcap': ['3 open - ESTABLISHED ESTABLISHED'],
    'wild/keepalive-then-close.pcap': ['1 fin client TIME_WAIT CLOSED'],
    'wild/nmap-syn-scan-rst.pcap': ['5 reset client CLOSED CLOSED'],
    // Only segments with payload: a FIN alone could not be in it.
    'wild/payload-only-tls-filter.pcap': [
      '8 half - UNKNOWN UNKNOWN',
      '2 fin-unacked - UNKNOWN UNKNOWN',
      '2 open - ESTABLISHED ESTABLISHED',
    ],
    'wild/syn-sent-challenged-then-accepted.pcap': ['1 fin-reset server CLOSED CLOSED'],
    'wild/windows-ldap-rst-then-crossing-fin.pcap': ['3 fin-reset server CLOSED CLOSED'],
    'wild/windows-refused-3-syns.pcap': ['1 refused server CLOSED CLOSED'],
  },
};

const FLOOD: Fact = {
  what: 'a flood of SYNs: the server gave up what was not answered, but for those of its queue',
  sql: `SELECT concat_ws(' ', count(*), close_kind, coalesce(closed_first, '-'), server_state)
    FROM flows GROUP BY close_kind, closed_first, server_state`,
  rows: {
    'field/j-syn-flood.pcap.gz': ['60 fin client CLOSED', '3935 open - CLOSED', '65 open - SYN_RECEIVED'],
  },
};

const RESETS: Fact = {
  what: 'its RSTs: whose, what they were, and what speaks for it',
  sql: `SELECT concat_ws(' ', count(*), reset_by, reset_kind, reset_evidence) FROM flows
    WHERE reset_kind IS NOT NULL GROUP BY reset_by, reset_kind, reset_evidence`,
  otherwise: [],
  rows: {
    'field/a2k8s-invalid-client.pcap.gz': [
      '7 client late-segment no-socket',
      '7 server late-segment no-socket',
    ],
    // Its own FIN comes 3 s after "its" RST.
    'field/a2k8s-invalid-server.pcap.gz': ['7 client injected sender-went-on'],
    'field/b-keepalive-race.pcap.gz': [
      '2 server data-after-close data-crossed-fin',
      '6 server data-after-close data-after-fin',
    ],
    // The first RST's number: of 21 it is short of the FIN.
    'field/f-tls-notify.pcap.gz': [
      '21 server data-after-close data-crossed-fin',
      '18 server data-after-close data-after-fin',
    ],
    'field/ff-fin-tlp-client.pcap.gz': ['60 client unread-data-or-linger data-from-peer'],
    'field/hh-race-crossing-client.pcap.gz': ['25 server data-after-close data-crossed-fin'],
    'field/hh-race-crossing-server.pcap.gz': ['25 server data-after-close data-crossed-fin'],
    'field/i-haproxy-check.pcap.gz': [
      '120 client unread-data-or-linger no-data-from-peer',
      '59 client unread-data-or-linger data-from-peer',
    ],
    'field/m-lb-idle-reset-client.pcap.gz': ['15 server unread-data-or-linger data-from-peer'],
    'field/m-lb-idle-reset-server.pcap.gz': ['15 client unread-data-or-linger data-from-peer'],
    'field/nn-nginx-node.pcap.gz': ['29 server data-after-close data-crossed-fin'],
    'field/nr-late-capture.pcap.gz': ['8 server late-segment no-socket'],
    'field/oo-stream-cancel-server.pcap.gz': ['40 client data-after-close data-crossed-fin'],
    'field/q-client-timeout-client.pcap.gz': ['12 client data-after-close data-after-fin'],
    'field/v-stale-pool.pcap.gz': ['10 server data-after-close data-after-fin'],
    'field/z-keepalive-fail.pcap.gz': ['8 client keep-alive-failed probes-unanswered'],
    'wild/browser-fin-rst-crossing-fin.pcap': ['1 client data-after-close data-crossed-fin'],
    'wild/cisco-sgt-one-direction.pcap': ['1 server data-after-close data-crossed-fin'],
    'wild/injected-rst-taken-back.pcap': ['1 server injected sender-went-on'],
    // A kernel's answer to a SYN-ACK for which it never asked.
    'wild/nmap-syn-scan-rst.pcap': ['5 client late-segment no-socket'],
    'wild/syn-sent-challenged-then-accepted.pcap': ['1 server data-after-close data-after-fin'],
    // It acknowledges all of the request that it answers.
    'wild/windows-ldap-rst-then-crossing-fin.pcap': ['3 server unread-data-or-linger data-from-peer'],
    'wild/windows-refused-3-syns.pcap': ['1 server refused answers-syn'],
  },
};

const PATHS: Fact = {
  what: 'the ways of its ends that are not a plain close',
  sql: `WITH paths AS (
      SELECT endpoint, group_concat(state, ' ') AS path FROM
        (SELECT * FROM state_intervals ORDER BY flow_id, endpoint, entered_us, step) GROUP BY flow_id, endpoint)
    SELECT concat_ws(' ', count(*), endpoint, path) FROM paths WHERE path NOT IN (
      'SYN_SENT', 'SYN_SENT ESTABLISHED', 'SYN_RECEIVED ESTABLISHED',
      'SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT', 'SYN_RECEIVED ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED',
      'SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED', 'SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT')
    GROUP BY endpoint, path`,
  rows: {
    'field/a2k8s-invalid-server.pcap.gz': [
      '7 client SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSED',
      '7 server SYN_RECEIVED ESTABLISHED CLOSED',
    ],
    'field/cut-start-nginx.pcap.gz': [
      '8 client UNKNOWN',
      '8 server UNKNOWN',
      '14 server SYN_RECEIVED ESTABLISHED FIN_WAIT_1',
      // The client sends its FIN after the server's: nothing is in doubt.
      '12 client ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED',
      '11 server ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT',
      '1 server FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT',
    ],
    'field/e-proxy-pair.pcap.gz': [
      '28 client SYN_SENT ESTABLISHED CLOSE_WAIT',
      '28 server SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2',
    ],
    // An abort had accepted the SYN-ACK, though it never acknowledged it alone.
    'field/i-haproxy-check.pcap.gz': [
      '179 client SYN_SENT ESTABLISHED CLOSED',
      '120 server SYN_RECEIVED CLOSED',
      '59 server SYN_RECEIVED ESTABLISHED CLOSED',
    ],
    'field/k2snat-exhausted-client.pcap.gz': ['27 client SYN_SENT CLOSED'],
    'field/l-host-gone.pcap.gz': ['4 client SYN_SENT CLOSED'],
    'field/s-icmp-reject.pcap.gz': ['21 client SYN_SENT CLOSED'],
    'field/x-rollout.pcap.gz': [],
    'wild/browser-fin-rst-crossing-fin.pcap': [
      '1 client SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSED',
      '1 server SYN_RECEIVED ESTABLISHED FIN_WAIT_1 CLOSING CLOSED',
    ],
    'wild/idle-keepalive-10.pcap': ['10 client ESTABLISHED', '10 server ESTABLISHED'],
    'wild/injected-rst-taken-back.pcap': [
      '1 client SYN_SENT ESTABLISHED CLOSED',
      '1 server SYN_RECEIVED ESTABLISHED CLOSED',
    ],
    'wild/isn-translated-twice.pcap': [],
    'wild/keepalive-only-ssh-hassh.pcap': ['3 client ESTABLISHED', '3 server ESTABLISHED'],
    'wild/keepalive-then-close.pcap': [
      '1 client ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT',
      '1 server ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED',
    ],
    'wild/nmap-syn-scan-rst.pcap': ['5 client SYN_SENT CLOSED', '5 server SYN_RECEIVED CLOSED'],
    'wild/windows-ldap-rst-then-crossing-fin.pcap': [
      '3 client SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSED',
      '3 server SYN_RECEIVED ESTABLISHED CLOSED',
    ],
    'wild/windows-refused-3-syns.pcap': ['1 client SYN_SENT CLOSED', '1 server CLOSED'],
  },
};

const QUALITY: Fact = {
  what: 'what its capture lacks: acknowledged and not captured, filtered, skipped, captured twice, cut',
  sql: `SELECT concat_ws(' ', missed, 'missed', iif(filtered, 'filtered', 'whole'), skipped,
      (SELECT sum(client_duplicates + server_duplicates) FROM flows), 'twice', iif(truncated, 'cut', 'uncut'))
    FROM captures`,
  otherwise: ['0 missed whole {} 0 twice uncut'],
  rows: {
    'field/s-icmp-reject.pcap.gz': ['0 missed whole {"not-tcp":29} 0 twice uncut'],
    'wild/payload-only-tls-filter.pcap': ['25 missed filtered {} 0 twice uncut'],
  },
};

const BYTES: Fact = {
  what: 'the most bytes of a client and of a server: broken and translated numbers count none',
  sql: "SELECT concat_ws(' ', max(client_bytes), max(server_bytes)) FROM flows",
  rows: {
    'field/a2k8s-invalid-server.pcap.gz': ['28 160000'],
    'wild/browser-fin-rst-crossing-fin.pcap': ['626 6240'],
    'wild/cisco-sgt-one-direction.pcap': ['2037 2314'],
    'wild/fin-retransmitted-not-accepted.pcap': ['0 0'],
    'wild/isn-translated-twice.pcap': ['739 12102'],
    'wild/keepalive-then-close.pcap': ['0 0'],
    'wild/syn-sent-challenged-then-accepted.pcap': ['673 4339'],
  },
};

const SILENCES: Fact = {
  what: 'what ended a long silence: nothing that was only sent again',
  sql: "SELECT concat_ws(' ', flow_id, frame) FROM close_segments WHERE meaning = 'after a long silence'",
  rows: { 'field/l-host-gone.pcap.gz': [], 'field/x-rollout.pcap.gz': [] },
};

const GAVE_UP: Fact = {
  what: 'who gave up: when its next SYN was due',
  sql: `SELECT DISTINCT concat_ws(' ', endpoint, evidence) FROM state_intervals
    WHERE state = 'CLOSED' AND flow_id IN (SELECT id FROM flows WHERE close_kind = 'unanswered')`,
  rows: {
    'field/k2snat-exhausted-client.pcap.gz': ['client gave-up'],
    'field/l-host-gone.pcap.gz': ['client gave-up'],
    'field/s-icmp-reject.pcap.gz': ['client gave-up'],
  },
};

const UNFOUNDED: Fact = {
  what: 'nothing rests on a segment that nobody captured: no two crossing FINs, no state after UNKNOWN but CLOSED',
  sql: `SELECT 'both ' || id FROM flows WHERE closed_first = 'both'
      AND id IN (SELECT flow_id FROM state_intervals WHERE state = 'FIN_WAIT_1' AND evidence = 'inferred')
    UNION ALL SELECT 'after unknown ' || flow_id FROM state_intervals AS s WHERE state <> 'CLOSED' AND EXISTS (
      SELECT 1 FROM state_intervals AS u WHERE u.flow_id = s.flow_id AND u.endpoint = s.endpoint
        AND u.state = 'UNKNOWN' AND u.step < s.step)
    UNION ALL SELECT 'waits ' || flow_id FROM close_waits WHERE ended_by IN ('capture-end', 'evicted')
      AND flow_id IN (SELECT id FROM flows WHERE 'UNKNOWN' IN (client_state, server_state))`,
  otherwise: [],
  rows: {},
};

const IDLE: Fact = {
  what: 'data that a FIN does not know of: how many, the idle time before the FIN, s, and when it came beside the FIN, ms',
  sql: `SELECT format('%d %s idle %.3f to %.3f, data %+.1f to %+.1f', count(*), reset_evidence,
      min(idle_before_close_us) / 1e6, max(idle_before_close_us) / 1e6, min(late_data_us) / 1e3, max(late_data_us) / 1e3)
    FROM flows WHERE late_data_us IS NOT NULL AND reset_evidence IS NOT NULL GROUP BY reset_evidence`,
  rows: {
    'field/nn-nginx-node.pcap.gz': ['29 data-crossed-fin idle 1.998 to 2.012, data -18.5 to -3.5'],
    'field/hh-race-crossing-client.pcap.gz': ['25 data-crossed-fin idle 0.998 to 1.004, data -18.2 to -7.9'],
    'field/hh-race-crossing-server.pcap.gz': ['25 data-crossed-fin idle 1.000 to 1.004, data +2.5 to +12.5'],
    'field/b-keepalive-race.pcap.gz': [
      '2 data-crossed-fin idle 1.999 to 2.001, data -6.3 to -0.1',
      '6 data-after-fin idle 1.990 to 2.000, data +2.6 to +16.8',
    ],
    'field/v-stale-pool.pcap.gz': ['10 data-after-fin idle 2.007 to 2.037, data +276.0 to +316.3'],
  },
};

const ALERTS: Fact = {
  what: 'TLS alerts that a FIN does not know of, and the longest idle time before that and its own alert, us',
  sql: "SELECT format('%d %d', count(*), max(idle_before_close_us)) FROM flows WHERE late_data_is_alert",
  rows: { 'field/f-tls-notify.pcap.gz': ['39 6467'], 'field/nn-nginx-node.pcap.gz': ['0 0'] },
};

const FINS_AGAIN: Fact = {
  what: 'FINs that were sent again, and what is known of them: by D-SACK they had arrived',
  sql: `SELECT concat_ws(' ', count(*), meaning) FROM close_segments WHERE meaning GLOB '*retransmitted FIN' GROUP BY meaning`,
  rows: {
    'field/ff-fin-tlp-client.pcap.gz': ['60 spurious retransmitted FIN'],
    'field/qq-keepalive-requests-client.pcap.gz': ['40 spurious retransmitted FIN'],
  },
};

const ICMP: Fact = {
  what: 'ICMP errors that quote a segment: type, code, sender, flows',
  sql: `SELECT concat_ws(' ', icmp_type, icmp_code, icmp_from_ip, count(*)) FROM flows
    WHERE icmp_us IS NOT NULL GROUP BY icmp_type, icmp_code, icmp_from_ip`,
  rows: { 'field/s-icmp-reject.pcap.gz': ['3 13 10.77.1.1 25'] },
};

const FACTS = [
  IDLE,
  ALERTS,
  FINS_AGAIN,
  ICMP,
  CLOSES,
  FLOOD,
  RESETS,
  PATHS,
  QUALITY,
  BYTES,
  SILENCES,
  GAVE_UP,
  UNFOUNDED,
];

const files = ['field', 'wild']
  .flatMap((folder) => capturesUnder(join(EXAMPLES, folder)))
  .map((path) => relative(EXAMPLES, path))
  .sort();

describe.skipIf(!existsSync(EXAMPLES))('the examples beside the repository', () => {
  it('all have rows', () => {
    expect([...Object.keys(CLOSES.rows), ...Object.keys(FLOOD.rows)].sort()).toEqual(files);
  });

  describe.each(files)('%s', (file) => {
    const work = mkdtempSync(join(tmpdir(), 'finwait-field-'));
    let db: Database.Database;

    beforeAll(async () => {
      const target = join(work, 'example.sqlite');
      await analyze([join(EXAMPLES, file)], { target, append: false, timeWait: undefined });
      db = openForReading(target);
    });
    afterAll(() => {
      db.close();
      rmSync(work, { recursive: true });
    });

    const asked = FACTS.map(({ rows, otherwise, ...fact }) => ({ ...fact, rows: rows[file] ?? otherwise }));
    it.each(asked.filter(({ rows }) => rows !== undefined))('$what', ({ sql, rows }) => {
      expect(db.prepare<[], string>(sql).pluck().all().sort()).toEqual([...rows!].sort());
    });
  });
});
