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

  it('is of each service that has several', () => {
    const elsewhere: Close = { columns: { ...both.columns, server_port: 443 } };
    const flows = [...closes(5, both), ...closes(6, elsewhere)];
    expect(found('simultaneous-close', flows).map(({ subject, count }) => [subject, count])).toEqual([
      ['10.0.0.2:443', 6],
      ['10.0.0.2:80', 5],
    ]);
  });

  it.each([
    ['four', closes(4, both)],
    ['closes of the client, whose FIN the server acknowledges', closes(100)],
    [
      'three of each of two services',
      [...closes(3, both), ...closes(3, { columns: { ...both.columns, server_port: 443 } })],
    ],
  ])('is not found with %s', (_, flows) => {
    expect(found('simultaneous-close', flows)).toEqual([]);
  });

  it('counts by another threshold, where one is given', () => {
    const thresholds = { 'close-trouble-count': 4 };
    expect(found('simultaneous-close', closes(4, both), { thresholds })).toHaveLength(1);
  });
});
