import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { diagnose } from '../../../../../src/report/diagnose/diagnose.ts';
import { opened, temporaryFolder, writeDatabase } from '../../../../record/database.ts';
import { flow, SECOND, times, type Wait } from './waits.ts';

/** What is found on three old CLOSE_WAITs, and these, after a change of the database. */
function found(sql: string, waits: readonly Wait[] = times(3, { ago: 61 * SECOND })) {
  const path = join(temporaryFolder(), 'holed.sqlite');
  writeDatabase(path, waits.map(flow));
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return diagnose(opened(path), { only: ['close-wait-leak'] }).findings;
}

it.each([
  ['a filter left out the FINs', 'UPDATE captures SET filtered = 1'],
  ['one direction was captured', 'UPDATE captures SET directions = 1'],
])('no leak where %s', (_, sql) => {
  expect(found(sql)).toEqual([]);
});

it.each([
  ['all of them', 'UPDATE flow_data SET server_missed = 1', 'info', 3],
  ['one of three', 'UPDATE flow_data SET client_missed = 2 WHERE id = 1', 'info', 1],
])('where segments of %s were missed, the leak is possible', (_, sql, severity, holed) => {
  const [finding] = found(sql);
  expect(finding).toMatchObject({ severity, confidence: 'possible', count: 3 });
  expect(finding?.evidence.numbers.with_segments_missed).toBe(holed);
  expect(finding?.confidenceReason).toContain(`of ${holed} segments were not captured`);
});

it('three without holes are a warning, whatever a fourth has', () => {
  const waits = times(4, { ago: 61 * SECOND });
  const [finding] = found('UPDATE flow_data SET server_missed = 1 WHERE id = 4', waits);
  expect(finding).toMatchObject({ severity: 'warning', confidence: 'possible' });
});
