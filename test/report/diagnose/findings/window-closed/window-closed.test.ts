import { describe, expect, it } from 'vitest';
import { closes, SECOND } from '../../closes.ts';
import { found, named, numbersOf } from '../../found.ts';

describe('window-closed', () => {
  const closed = (end: string, us: number) => ({ columns: { [`${end}_zero_window`]: us } });

  it('is information on the service whose program does not read', () => {
    const [finding, ...others] = found('window-closed', [
      ...closes(2, closed('server', 12 * SECOND)),
      ...closes(1, closed('server', 65 * SECOND)),
      ...closes(20),
    ]);
    expect(others).toEqual([]);
    expect(finding && named(finding)).toBe('info window-closed 10.0.0.2:80 3');
    expect(finding?.title).toBe('the server does not read: its receive window was closed for 1 min 5 s');
    expect(numbersOf(finding)).toMatchObject({ shortest_us: 12 * SECOND, longest_us: 65 * SECOND });
    expect(finding?.confidence).toBe('certain');
  });

  it('names the client where it is the one', () => {
    const [finding] = found('window-closed', closes(1, closed('client', 10 * SECOND)));
    expect(finding?.subject).toBe('10.0.0.1 -> 10.0.0.2:80');
    expect(finding?.title).toMatch(/^the client does not read/);
  });

  it.each([
    ['windows that were closed for moments', closes(30, closed('server', 9.9 * SECOND))],
    ['closes without', closes(30)],
  ])('is not found with %s', (_, flows) => {
    expect(found('window-closed', flows)).toEqual([]);
  });

  it('goes by its threshold', () => {
    const thresholds = { 'window-closed': 1 };
    expect(found('window-closed', closes(1, closed('server', SECOND)), { thresholds })).toHaveLength(1);
  });
});
