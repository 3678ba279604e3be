import { describe, expect, it } from 'vitest';
import * as words from '../../../src/flow/format/words.ts';
import { readLadder } from '../../../src/report/ladder/ladder.ts';
import { verdictOf } from '../../../src/report/ladder/verdict.ts';
import * as phrases from '../../../src/report/ladder/verdict-words.ts';
import { databaseOf } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';
import { databaseOfScript, laddersOf } from './ladders.ts';

/** The verdict on the first flow of a database, its columns changed. */
function verdict(flow: typeof FIN_FLOW, columns: Record<string, number | string> = {}): string[] {
  return verdictOf(readLadder(databaseOf([{ ...flow, columns: { ...flow.columns, ...columns } }]), 1)!);
}

/** Words that need nothing said. */
const SILENT = [
  [words.ROLE_EVIDENCE, 'syn'],
  [words.RESET_EVIDENCE, 'none'],
  [words.TIME_WAIT_EVIDENCE, 'none'],
];

describe('every word has a phrase', () => {
  it.each([
    ['CLOSE_KINDS', words.CLOSE_KINDS, phrases.CLOSE_KIND],
    ['RESET_KINDS', words.RESET_KINDS, phrases.RESET_KIND],
    ['RESET_EVIDENCE', words.RESET_EVIDENCE, phrases.RESET_REASON],
    ['ROLE_EVIDENCE', words.ROLE_EVIDENCE, phrases.ROLE],
    ['TIME_WAIT_ENDS', words.TIME_WAIT_ENDS, phrases.TIME_WAIT_END],
    ['TIME_WAIT_EVIDENCE', words.TIME_WAIT_EVIDENCE, phrases.TIME_WAIT_REASON],
    ['PROFILES', words.PROFILES, phrases.PROFILE],
    ['PROFILE_EVIDENCE', words.PROFILE_EVIDENCE, phrases.PROFILE_REASON],
    ['EVIDENCE', words.EVIDENCE, phrases.STATE_EVIDENCE],
  ] as const)('of %s', (_, list: readonly string[], phraseOf: Readonly<Record<string, string>>) => {
    const silent = SILENT.flatMap(([of, word]) => (of === list ? [word] : []));
    expect(Object.keys(phraseOf)).toEqual(list);
    expect(list.filter((word) => phraseOf[word] === '')).toEqual(silent);
  });
});

describe('data that meets a FIN', () => {
  const closed = { closed_first: 'server', close_started: 2_000_000, server_fin: 2_000_000 };
  const met = { ...closed, idle_before_close: 1_998_000, reset_kind: 'data-after-close' };

  it.each([
    [
      'before it',
      { late_data: -11_300, late_data_is_alert: 0 },
      "The server had been idle for 2.00 s; data of the client came 11.3 ms before the server's FIN.",
    ],
    [
      'after it',
      { late_data: 293_000 },
      "The server had been idle for 2.00 s; data of the client came 293 ms after the server's FIN.",
    ],
    [
      'an alert',
      { late_data: 51, late_data_is_alert: 1 },
      "The server had been idle for 2.00 s; a TLS alert of the client came 51 µs after the server's FIN.",
    ],
  ])('%s', (_, columns, sentence) => {
    expect(verdict(FIN_FLOW, { ...met, ...columns })).toContain(sentence);
  });

  it('of a server that had not been idle', () => {
    const busy = { ...met, idle_before_close: 63, late_data: 63_400 };
    expect(verdict(FIN_FLOW, busy)).toContain("Data of the client came 63.4 ms after the server's FIN.");
  });

  it.each([
    ['where there is none', {}],
    ['that was accepted', { late_data: 293_000, reset_kind: 'unknown' }],
  ])('is not mentioned %s', (_, columns) => {
    expect(verdict(FIN_FLOW, { ...met, ...columns }).filter((line) => line.includes('idle'))).toEqual([]);
  });
});

describe('who closed', () => {
  const started = { close_started: 1_000_000, client_fin: 1_000_000, server_fin: 4_000_000 };

  it.each([
    [
      { closed_first: 'client' },
      'The client closed first, with FIN at 1.000000. Both FINs were acknowledged.',
    ],
    [
      { closed_first: 'server' },
      'The server closed first, with RST at 1.000000. Both FINs were acknowledged.',
    ],
    [
      { closed_first: 'both' },
      'Both ends closed at once: their FINs crossed, the first at 1.000000. Both FINs were acknowledged.',
    ],
  ])('%o', (columns, sentence) => {
    expect(verdict(FIN_FLOW, { ...started, ...columns })[0]).toBe(sentence);
  });

  it.each([
    [
      { client_fin: 1_000_000, server_fin: Number.NaN },
      'The first sign of a close is FIN of the client at 1.000000; whether the server had closed before is not known.',
    ],
    [
      { client_fin: Number.NaN, server_fin: 1_000_000 },
      'The first sign of a close is FIN of the server at 1.000000; whether the client had closed before is not known.',
    ],
    [
      { client_fin: Number.NaN, server_fin: Number.NaN, reset_by: 'server' },
      'The first sign of a close is RST of the server at 1.000000; whether the client had closed before is not known.',
    ],
  ])('is not known where the capture does not show it: %o', (columns, sentence) => {
    expect(verdict(FIN_FLOW, { ...started, closed_first: Number.NaN, ...columns })[0]).toBe(sentence);
  });

  it('may be known of its kernel alone', () => {
    const columns = { ...started, close_kind: 'half', closed_first: 'server', server_fin: Number.NaN };
    expect(verdict(FIN_FLOW, columns)[0]).toBe(
      'The server had closed before, unseen; FIN of the client came at 1.000000.',
    );
  });

  it('is nobody where nobody has', () => {
    const open = { close_kind: 'open', closed_first: Number.NaN, close_started: Number.NaN };
    expect(verdict({ ...LEAK_FLOW, clientLife: {}, serverLife: {} }, open)).toEqual([
      'Neither FIN nor RST was captured.',
    ]);
  });
});

describe('what was sent, but not accepted', () => {
  const open = { close_kind: 'open', closed_first: Number.NaN };
  const idle = { ...LEAK_FLOW, clientLife: {}, serverLife: {} };

  it.each([
    ['FINs', { server_fins: 7 }, 'The server sent 7 FINs, none of which was accepted.'],
    ['one FIN', { client_fins: 1 }, 'The client sent a FIN, which was not accepted.'],
  ])('of an open connection: %s', (_, counts, fins) => {
    const none = { client_fin: Number.NaN, server_fin: Number.NaN, client_fins: 0, server_fins: 0 };
    const lines = verdict(idle, { ...open, ...none, ...counts });
    expect(lines).toEqual(['Neither end has closed.', fins]);
  });

  it('of an open connection: an RST', () => {
    expect(verdict(idle, { ...open, client_rsts: 1 })).toContain('Neither end has closed.');
    expect(verdict(idle, { ...open, client_rsts: 1 }).join()).not.toContain('RST');
  });

  it.each([
    ['half', { server_rsts: 2 }, 'The other end has not closed.'],
    ['half', { server_fins: 1 }, 'The other end has not closed.'],
    ['half', {}, 'Neither FIN nor RST of the other end was captured.'],
    ['reset', { server_fins: 1, client_fin: Number.NaN }, 'RST ended the connection.'],
  ])('of a connection of the kind %s: %o', (kind, counts, sentence) => {
    const closed = { close_started: 1_000_000, client_fin: 1_000_000, server_fin: Number.NaN };
    expect(verdict(LEAK_FLOW, { ...closed, close_kind: kind, ...counts })[0]).toMatch(
      ` at 1.000000. ${sentence}`,
    );
  });
});

describe('an RST', () => {
  const sentences = (kind: string, evidence: string) =>
    verdict(RESET_FLOW, { reset_kind: kind, reset_evidence: evidence });

  it('is a hypothesis with what speaks for it', () => {
    expect(sentences('unread-data-or-linger', 'data-from-peer')).toContain(
      'The server sent RST, most likely an abort: close() with unread data, or with SO_LINGER 0; ' +
        'the peer had sent data, and some may have been unread.',
    );
  });

  it('whose cause is not known says so', () => {
    expect(sentences('unknown', 'none')).toContain('The server sent RST, and packets do not show why.');
  });

  it('that its sender took back ended nothing', () => {
    const taken = { reset_by: Number.NaN, reset_kind: 'injected', reset_evidence: 'sender-went-on' };
    expect(verdict(FIN_FLOW, taken)).toContain(
      'An RST that ended nothing came, which most likely somebody between the ends put in; ' +
        'the sender went on as if it had not sent it.',
    );
  });
});

describe('a long silence before an RST', () => {
  const abort = { reset_kind: 'unread-data-or-linger', reset_by: 'server', closed_first: 'server' };
  const silence = 'Before that RST the server had sent and acknowledged no data for 10.0 s.';

  it('has a sentence, as a timer may have run out', () => {
    expect(verdict(RESET_FLOW, { ...abort, idle_before_close: 10_031_067 })).toContain(silence);
  });

  it.each([
    ['short', { idle_before_close: 900_000 }],
    ["that of the other end's close", { idle_before_close: 10_031_067, closed_first: 'client' }],
    ['not known', {}],
  ])('is not where it is %s', (_, columns) => {
    expect(verdict(RESET_FLOW, { ...abort, ...columns }).join()).not.toContain('Before that RST');
  });
});

describe('an end of which nothing was captured', () => {
  it.each(['half', 'open'])('is not said to have sent nothing: %s', (kind) => {
    const line = verdict(LEAK_FLOW, { close_kind: kind, client_segments: 3, server_segments: 0 })[0];
    expect(line).toMatch(/Of the server nothing was captured\.$/);
    expect(line).not.toContain('neither');
  });
});

describe('a FIN that was not captured', () => {
  it('is known from its acknowledgment', () => {
    const db = databaseOfScript(`
      +0    c S  0
      +0.01 s S. 0 ack 1
      +0.01 c .  1 ack 1
      +0.02 c P. 1:11 ack 1
      +0.01 s .  1 ack 12
      +0.01 s F. 1 ack 12
      +0.01 c .  12 ack 2`);
    const lines = verdictOf(laddersOf(db)[0]!);
    expect(lines[0]).toMatch(
      /^The client closed first, with a FIN that was not captured; the server acknowledged it at 0\.\d+ \(frame \d+\)\. /,
    );
    expect(lines.join()).not.toContain('for 0 s');
  });
});

describe('waiting', () => {
  it('has a length for each state that was left', () => {
    expect(verdict(FIN_FLOW)).toContain('The server was in CLOSE_WAIT for 3.00 s, LAST_ACK for 100 µs.');
  });

  it('that was cut off lasted at least this long', () => {
    const lines = verdict(LEAK_FLOW);
    expect(lines).toContain('The server was in CLOSE_WAIT for at least 30.0 s, until the capture ended.');
    expect(lines.join(' ')).not.toMatch(/leak/i);
  });

  it('of a flow that was evicted lasted until then', () => {
    expect(verdict(LEAK_FLOW, { evicted: 1 })).toEqual(
      expect.arrayContaining([
        'The server was in CLOSE_WAIT for at least 30.0 s, until finwait evicted the flow.',
        'finwait evicted this flow to bound its memory: later segments are not part of it.',
      ]),
    );
  });
});

describe('TIME_WAIT', () => {
  const EXPECTED = 'Expected: 60 s (Linux, the default); a late segment re-armed it once.';
  const columns = (least: number, most: number, by: string, evidence: string) => ({
    client_time_wait_at_least: least,
    client_time_wait_at_most: most,
    client_time_wait_ended_by: by,
    client_time_wait_evidence: evidence,
  });

  it.each([
    [16e6, Number.NaN, 'capture-end', 'none', 'at least 16.0 s, until the capture ended.'],
    [0, Number.NaN, 'capture-end', 'none', 'at least 0 s, until the capture ended.'],
    [16e6, Number.NaN, 'evicted', 'none', 'at least 16.0 s, until finwait evicted the flow.'],
    [
      0,
      Number.NaN,
      'expired',
      'profile',
      'its expected length passed inside the capture; no packet shows it.',
    ],
    [
      2e6,
      2e6,
      'reset',
      'rst-received',
      '2.00 s, until RST ended it (RFC 1337); that RST was at the sequence number it expected.',
    ],
    [
      0,
      9e6,
      'refused',
      'rst-sent',
      'at most 9.00 s, then RST showed that it was gone; a late segment was answered by RST.',
    ],
    [
      1e6,
      9e6,
      'reopened',
      'syn-accepted',
      'at least 1.00 s, at most 9.00 s, until a new connection took its place; its SYN was accepted.',
    ],
  ])('%d to %d µs, %s', (least, most, by, evidence, words) => {
    expect(verdict(FIN_FLOW, columns(least, most, by, evidence))).toContain(
      `TIME_WAIT of the client: ${words} ${EXPECTED}`,
    );
  });

  it.each([
    ['given', 'given', 'the length that was given'],
    ['macos', 'syn', 'macOS, as its SYN looks'],
    ['rfc', 'given', '2 MSL of RFC 9293, as given'],
  ])('of the profile %s, %s', (profile, evidence, words) => {
    const given = {
      client_time_wait_expected: 30.5e6,
      client_time_wait_profile: profile,
      client_time_wait_profile_evidence: evidence,
      client_time_wait_rearmed: 0,
    };
    expect(verdict(FIN_FLOW, given).join(' ')).toContain(`Expected: 30.5 s (${words}).`);
  });
});

it('tells how often a FIN was sent', () => {
  expect(verdict(FIN_FLOW, { server_fins: 2, client_fins: 3 })).toEqual(
    expect.arrayContaining(['The client sent its FIN 3 times.', 'The server sent its FIN twice.']),
  );
});

it('tells of a FIN that had arrived before it came again', () => {
  const again = {
    ...FIN_FLOW.segments![0]!,
    endpoint: 'server',
    meaning: 'spurious retransmitted FIN',
  } as const;
  expect(verdict({ ...FIN_FLOW, segments: [...FIN_FLOW.segments!, again] }, { server_fins: 2 })).toContain(
    'The server sent its FIN twice; the client reports by D-SACK that it had arrived before.',
  );
});

it('says where the roles are a guess', () => {
  expect(verdict(FIN_FLOW, { role_evidence: 'lower-port' })).toContain(
    'No SYN was captured: that the lower port is the server is a guess.',
  );
});
