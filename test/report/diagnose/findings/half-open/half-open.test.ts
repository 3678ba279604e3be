import { describe, expect, it } from 'vitest';
import { found, idle, SECOND, several } from '../../family/forgotten/idle.ts';
import { named } from '../../found.ts';

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
});
