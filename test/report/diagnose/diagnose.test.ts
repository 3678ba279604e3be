import { expect, it } from 'vitest';
import { diagnose } from '../../../src/report/diagnose/diagnose.ts';
import { RULES } from '../../../src/report/diagnose/rules.ts';
import type { Flow } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';

/** Connections that both ends closed at once: for information. */
const crossing = (n: number): Flow[] =>
  Array.from({ length: n }, () => ({ columns: { closed_first: 'both', close_started: 10 } }));

it('does not ask rules that only inform where that is not wanted', () => {
  const db = databaseOf(crossing(5));
  expect(diagnose(db).findings.map(({ code }) => code)).toEqual(['simultaneous-close']);
  expect(diagnose(db).rules).toBe(RULES.length);
  expect(diagnose(db, { least: 'warning' })).toMatchObject({
    findings: [],
    rules: RULES.length - RULES.filter(({ worst }) => worst === 'info' || worst === 'note').length,
    flows: 5,
  });
});

it('asks a rule where there are enough flows, and takes none for no flow at all', () => {
  const several = (n: number) => ({ thresholds: { 'close-trouble-count': n } });
  expect(diagnose(databaseOf(crossing(2)), several(2)).findings).toHaveLength(1);
  expect(diagnose(databaseOf(crossing(1)), several(2)).findings).toEqual([]);
  expect(diagnose(databaseOf([{}]), several(0)).findings).toEqual([]);
});
