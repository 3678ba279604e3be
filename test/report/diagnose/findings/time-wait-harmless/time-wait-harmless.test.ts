import { describe, expect, it } from 'vitest';
import { found, named, sysctl, times } from '../../found.ts';
import { close } from '../../held.ts';

describe('time-wait-harmless', () => {
  const held = (n: number) => times(n, 1000, (at, i) => close('client', at, { client_port: 40_000 + i }));

  it('is a note on the client that has most', () => {
    const [finding, ...others] = found('time-wait-harmless', held(20));
    expect(others).toEqual([]);
    expect(finding && named(finding)).toBe('note time-wait-harmless 10.0.0.1 20');
    expect(finding?.title).toBe('20 TIME_WAITs at once, less than 0.1 % of 28,232 ports: harmless');
  });

  it('knows the ports of the host', () => {
    const options = sysctl('ip_local_port_range = 40000 40999');
    const [finding] = found('time-wait-harmless', held(20), options);
    expect(finding?.title).toBe('20 TIME_WAITs at once, 2 % of 1,000 ports: harmless');
  });

  it.each([
    ['where they take a good part of the ports', held(300), sysctl('ip_local_port_range = 40000 40999')],
    ['where there are none', times(20, 1000, (at) => close('server', at)), {}],
  ] as const)('is not found %s', (_, flows, options) => {
    expect(found('time-wait-harmless', flows, options)).toEqual([]);
  });

  it('leaves many to time-wait-pile-up', () => {
    const thresholds = { 'time-wait-standing': 20 };
    expect(found('time-wait-harmless', held(20), { thresholds })).toEqual([]);
  });
});
