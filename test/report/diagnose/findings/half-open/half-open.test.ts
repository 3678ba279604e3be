import { describe, expect, it } from 'vitest';
import { type Flow, type FlowSegment, NOON } from '../../../../record/batches.ts';
import { found, idle, SECOND, several } from '../../family/forgotten/idle.ts';
import { named } from '../../found.ts';

/** A close segment of which only these matter. */
const segment = (
  at: number,
  endpoint: FlowSegment['endpoint'],
  flags: number,
  meaning: FlowSegment['meaning'],
  len = 0,
): FlowSegment => ({ at, frame: 1, endpoint, flags, seq: 1, ack: 1, len, meaning });

describe('connections that one end had forgotten', () => {
  const NO_SOCKET = { reset_kind: 'late-segment', reset_evidence: 'no-socket' };
  /** All began within seconds, and met RST within a second. */
  const lost = (columns: Record<string, number | string> = {}) =>
    Array.from({ length: 4 }, (_, i) =>
      idle({
        at: i * 10 * SECOND,
        silent: (45 - 10 * i) * SECOND,
        meets: 'RST',
        columns: { ...NO_SOCKET, ...columns },
      }),
    );

  it('by a server that lost all at once', () => {
    const [finding, ...more] = found(lost());
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning half-open 10.0.0.2:80 4');
    expect(finding?.cause).toContain('at one time');
  });

  it('after silences that are not alike, too', () => {
    const after = { reset_kind: 'idle', reset_evidence: 'after-silence' };
    expect(found(lost(after)).map(named)).toEqual(['warning half-open 10.0.0.2:80 4']);
  });

  it('when the capture began later than the connections', () => {
    const midway = { opened: Number.NaN, role_evidence: 'lower-port', server_segments: 1, server_rsts: 1 };
    expect(found(lost(midway)).map(named)).toEqual(['warning half-open 10.0.0.2:80 4']);
  });

  it('by a client are for information', () => {
    const byClient = { reset_by: 'client', closed_first: 'client' };
    const flows = lost(byClient).map((flow) => ({
      ...flow,
      segments: flow.segments!.map((one) => ({
        ...one,
        endpoint: one.meaning === 'RST' ? ('client' as const) : ('server' as const),
      })),
    }));
    expect(found(flows).map(named)).toEqual(['info half-open 10.0.0.1 -> 10.0.0.2:80 4']);
  });

  it('are for information where most of those that were open then go on', () => {
    const on = several(100, SECOND / 10, { silent: 50 * SECOND, meets: 'answer' });
    expect(found([...lost(), ...on]).map(named)).toEqual(['info half-open 10.0.0.2:80 4']);
  });

  it.each([
    ['two', lost().slice(0, 2)],
    ['RST right after the handshake: backlog-overflow', lost({ server_segments: 3, server_rsts: 2 })],
    ['RST to a peer that had sent nothing', lost({ client_bytes: 0 })],
    ['RST of an end that had closed before', lost({ close_kind: 'fin-reset', closed_first: 'server' })],
    ['RST of a client that only scans', lost({ opened: Number.NaN })],
  ])('are none: %s', (_, flows) => {
    expect(found(flows)).toEqual([]);
  });

  describe('before the capture began', () => {
    const midway = { opened: Number.NaN, role_evidence: 'lower-port', server_segments: 1, server_rsts: 1 };
    /** Connections of the same server that are in order, with this TTL. */
    const others = (server_ttl: number) =>
      several(3, SECOND, { silent: 50 * SECOND, meets: 'answer', columns: { server_ttl } });

    it('are not said to have begun at any time: an idle timeout is among the causes', () => {
      const [finding] = found(lost(midway));
      expect(finding).toMatchObject({ confidence: 'possible' });
      expect(finding?.title).not.toContain('itself');
      expect(finding?.cause).toContain('idle timeout');
      expect(finding?.cause).not.toMatch(/had begun|at one time|went down/);
    });

    it.each([
      ['another TTL than the server', 63, true],
      ['the TTL of the server', 64, false],
    ])('by RSTs with %s', (_, ttl, isOther) => {
      const [finding] = found([...lost({ ...midway, server_ttl: 64 }), ...others(ttl)]);
      expect(finding?.title.includes('does not come from the server itself')).toBe(isOther);
      expect(finding?.cause.includes('Its TTL is 64')).toBe(isOther);
    });
  });

  it('are none where nothing came before the RST: it is no answer', () => {
    const flows = lost().map((flow) => {
      const [syn, ack, woken, rst] = flow.segments!;
      const before = { ...woken!, len: 0, meaning: 'before a long silence' as const };
      return { ...flow, segments: [syn!, ack!, before, rst!] };
    });
    expect(found(flows).filter(({ code }) => code === 'half-open')).toEqual([]);
  });
});

describe('segments that a NAT lets pass untranslated', () => {
  /** A connection to a service behind a NAT, which the server refuses in the end. */
  const connection = (i: number): Flow => ({
    server: '10.96.0.10',
    columns: {
      first: NOON + i * SECOND,
      client_port: 33_000 + i,
      opened: 300,
      last: 3 * SECOND,
      close_kind: 'fin-reset',
      closed_first: 'client',
      reset_by: 'server',
      reset_kind: 'late-segment',
      reset_evidence: 'no-socket',
      client_segments: 10,
      server_segments: 10,
      client_bytes: 28,
      server_bytes: 64_000,
    },
    segments: [segment(3 * SECOND, 'server', 0x04, 'RST')],
  });
  /** A segment from the address behind the NAT to the same port, which the client refuses. */
  const stray = (i: number, columns: Flow['columns'] = {}): Flow => ({
    server: '10.77.2.2',
    columns: {
      first: NOON + i * SECOND + 500_000,
      last: 10,
      client_port: 33_000 + i,
      server_port: 8080,
      role_evidence: 'lower-port',
      close_kind: 'reset',
      closed_first: 'client',
      reset_by: 'client',
      reset_kind: 'late-segment',
      reset_evidence: 'no-socket',
      client_segments: 1,
      client_rsts: 1,
      server_segments: 1,
      server_bytes: 500,
      ...columns,
    },
    segments: [segment(0, 'server', 0x18, 'first segment', 500), segment(10, 'client', 0x04, 'RST')],
  });
  const all = (one: (i: number) => Flow) => [0, 1, 2].map(one);

  it('before the NAT: the client lived on after "its" RST', () => {
    const [finding, ...more] = found([...all(connection), ...all((i) => stray(i))]);
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning half-open 10.0.0.1 -> 10.96.0.10:80 3');
    expect(finding?.cause).toContain('from 10.77.2.2:8080');
    expect(finding?.cause).toContain('lived on after "its" RST');
    expect(finding?.cause).not.toContain('went down');
    expect(finding?.remedies.join(' ')).toMatch(/ct state invalid drop.*nf_conntrack_tcp_be_liberal/s);
    expect(finding?.evidence.numbers).toMatchObject({ went_on_after_the_RST: 3, ended_by_it: 3 });
  });

  it('are none of those where the port had no other connection then', () => {
    const codes = found([...all(connection), ...all((i) => stray(i, { client_port: 44_000 + i }))]);
    expect(codes.map(({ title }) => title)).not.toContainEqual(expect.stringContaining('untranslated'));
  });

  it('behind the NAT: data out of the window, refused in the name of a client that goes on', () => {
    const flows = all((i) => ({
      columns: {
        ...connection(i).columns,
        reset_by: 'client',
        reset_kind: 'injected',
        reset_evidence: 'sender-went-on',
      },
      segments: [
        segment(SECOND, 'server', 0x18, 'data out of window', 500),
        segment(SECOND + 20, 'client', 0x04, 'RST'),
        segment(4 * SECOND, 'client', 0x11, 'FIN'),
      ],
    }));
    const [finding, ...more] = found(flows);
    expect(more).toEqual([]);
    expect(named(finding!)).toBe('warning half-open 10.0.0.1 -> 10.0.0.2:80 3');
    expect(finding?.cause).toContain('far out of the window');
    expect(finding?.evidence.numbers).toMatchObject({ went_on_for_up_to_us: 3 * SECOND - 20 });
  });
});
