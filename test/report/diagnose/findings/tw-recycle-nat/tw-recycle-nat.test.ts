import { describe, expect, it } from 'vitest';
import { type Flow, NOON } from '../../../../record/batches.ts';
import { found, numbersOf } from '../../found.ts';
import { SECOND, segment } from '../../held.ts';

describe('tw-recycle-nat', () => {
  const NEW = 9_000_000;
  const OLD = 5_000_000;

  interface Syn {
    at: number;
    tsval: number;
    answered: boolean;
    client?: string;
  }
  const syn = ({ at, tsval, answered, client }: Syn): Flow => ({
    ...(client !== undefined && { client }),
    columns: {
      first: NOON + at,
      client_syn_tsval: tsval,
      client_segments: answered ? 6 : 4,
      opened: answered ? 100 : Number.NaN,
      close_kind: answered ? 'fin' : 'unanswered',
      last: answered ? SECOND : 7 * SECOND,
    },
    segments: [segment(0, { endpoint: 'client', flags: 0x02, meaning: 'SYN' })],
  });
  /** Two hosts of an address take turns; `answered` decides for each. */
  const turns = (
    n: number,
    answered: (host: 'newer' | 'older', i: number) => boolean,
    step = SECOND,
  ): Flow[] =>
    Array.from({ length: n }, (_, i) => [
      syn({ at: i * step, tsval: NEW + i, answered: answered('newer', i) }),
      syn({ at: i * step + step / 2, tsval: OLD + i, answered: answered('older', i) }),
    ]).flat();

  it('is found where whether a SYN is answered goes by its timestamp', () => {
    const [finding, ...more] = found(
      'tw-recycle-nat',
      turns(6, (host) => host === 'newer'),
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ subject: '10.0.0.1 -> 10.0.0.2:80', severity: 'critical', count: 6 });
    expect(numbersOf(finding)).toMatchObject({
      unanswered_with_older_timestamp: 6,
      answered_with_older_timestamp: 0,
      answered_with_newer_timestamp: 6,
      unanswered_with_newer_timestamp: 0,
    });
    expect(finding?.notToDo.join(' ')).toContain('Never turn tcp_tw_recycle on');
  });

  it('counts those that were answered only after they were sent again', () => {
    const flows = turns(6, () => true).map(
      (flow, i): Flow => (i % 2 === 0 ? flow : { ...flow, columns: { ...flow.columns, opened: 3 * SECOND } }),
    );
    expect(found('tw-recycle-nat', flows)).toMatchObject([{ count: 6 }]);
  });

  it('takes timestamps as 32 bits that wrap', () => {
    const flows = turns(6, (host) => host === 'newer').map(
      (flow): Flow => ({
        ...flow,
        columns: {
          ...flow.columns,
          // Half of all numbers and more apart: by serial arithmetic the smaller is the newer.
          client_syn_tsval: flow.columns?.opened === 100 ? 4_294_967_000 : 1000,
        },
      }),
    );
    expect(found('tw-recycle-nat', flows)).toEqual([]);
  });

  it.each([
    ['all are answered', turns(10, () => true)],
    ['none is answered', turns(10, () => false)],
    ['chance decides', turns(10, (_, i) => i % 2 === 0)],
    ['those with the newer timestamp stay unanswered', turns(10, (host) => host === 'older')],
    ['there are four', turns(4, (host) => host === 'newer')],
    ['the newer one was more than a minute ago', turns(6, (host) => host === 'newer', 130 * SECOND)],
    [
      'the two have addresses of their own',
      turns(6, (host) => host === 'newer').map(
        (flow, i): Flow => (i % 2 === 0 ? flow : { ...flow, client: '10.0.0.9' }),
      ),
    ],
  ])('is not found where %s', (_, flows) => {
    expect(found('tw-recycle-nat', flows)).toEqual([]);
  });
});
