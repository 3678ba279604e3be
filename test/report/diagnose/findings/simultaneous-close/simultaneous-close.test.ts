import { describe, expect, it } from 'vitest';
import { type Close, closes, SECOND } from '../../closes.ts';
import { found, numbersOf } from '../../found.ts';

describe('simultaneous-close', () => {
  const both: Close = {
    columns: {
      closed_first: 'both',
      client_fin: SECOND,
      server_fin: SECOND + 300,
      server_state: 'TIME_WAIT',
    },
  };

  it('is information on a service', () => {
    const [finding, ...others] = found('simultaneous-close', [...closes(5, both), ...closes(100)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ subject: '10.0.0.2:80', severity: 'info', count: 5 });
    expect(numbersOf(finding).fins_apart_us).toBe(300);
  });

  it('is not found where it happens now and then', () => {
    expect(found('simultaneous-close', closes(4, both))).toEqual([]);
  });
});
