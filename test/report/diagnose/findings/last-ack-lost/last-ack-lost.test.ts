import { describe, expect, it } from 'vitest';
import { closes } from '../../closes.ts';
import { found, numbersOf } from '../../found.ts';

describe('last-ack-lost', () => {
  it('is proven by a FIN that came again after its acknowledgment', () => {
    const [finding, ...others] = found('last-ack-lost', [...closes(6, { rearmed: 1 }), ...closes(6)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      subject: '10.0.0.1 -> 10.0.0.2:80',
      severity: 'warning',
      confidence: 'certain',
      count: 6,
    });
    expect(numbersOf(finding)).toMatchObject({ closes: 6, of: 12, share_percent: 50, fins_sent_again: 6 });
    expect(finding?.cause).toContain("The server's FIN");
  });

  it('tells a firewall that drops every one from loss', () => {
    const [finding] = found('last-ack-lost', closes(6, { rearmed: 4 }));
    expect(finding?.title).toContain('dropped');
    expect(finding?.cause).toContain('firewall');
  });

  it('tells nothing of loss where the FIN came again before its ACK can have arrived', () => {
    const [finding] = found('last-ack-lost', closes(6, { rearmed: 1, rearmedAfter: 20_000 }));
    expect(finding).toMatchObject({ severity: 'info', confidence: 'possible' });
    expect(finding?.title).not.toMatch(/lost|dropped/);
    expect(finding?.cause).toContain('tail-loss probe');
    expect(numbersOf(finding)).toMatchObject({ lost: 0, lost_or_not_is_unknown: 6 });
  });

  it('warns of losses alone', () => {
    const flows = [...closes(3, { rearmed: 1 }), ...closes(6, { rearmed: 1, rearmedAfter: 20_000 })];
    expect(found('last-ack-lost', flows)[0]).toMatchObject({ severity: 'info', count: 9 });
  });

  it.each([
    ['four', closes(4, { rearmed: 1 })],
    ['five of a hundred and one', [...closes(5, { rearmed: 1 }), ...closes(96)]],
    ['FINs that crossed', closes(6, { rearmed: 1, columns: { closed_first: 'both' } })],
    [
      'a TIME_WAIT that was re-armed by something else than a FIN',
      closes(6, { columns: { client_time_wait_rearmed: 1 } }),
    ],
  ])('is not found with %s', (_, flows) => {
    expect(found('last-ack-lost', flows)).toEqual([]);
  });
});
