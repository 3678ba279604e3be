import { expect, it } from 'vitest';
import { diagnose } from '../../../../src/report/diagnose/diagnose.ts';
import { diagnosisJson } from '../../../../src/report/diagnose/diagnosis-json.ts';
import { diagnosisText } from '../../../../src/report/diagnose/diagnosis-text.ts';
import { styles } from '../../../../src/report/style.ts';
import type { Flow } from '../../../record/batches.ts';
import { databaseOf } from '../../../record/database.ts';

/** As many services, each with a connection that both ends closed at once; the last one with two. */
function diagnosed(services: number) {
  const flows = Array.from(
    { length: services + 1 },
    (_, i): Flow => ({
      columns: { server_port: Math.min(i, services - 1) + 1, closed_first: 'both', close_started: 10 },
    }),
  );
  const options = { only: ['simultaneous-close'], thresholds: { 'close-trouble-count': 1 } };
  return diagnose(databaseOf(flows), options);
}

const text = (services: number) =>
  [...diagnosisText(diagnosed(services), { database: 'db', utc: true, style: styles(false) })].join('');

it('tells a thousand subjects, those with most first, and says that there were more', () => {
  const { findings } = diagnosed(1001);
  expect(findings).toHaveLength(1000);
  expect(findings[0]).toMatchObject({ subject: '10.0.0.2:1001', count: 2, evidence: { subjects: 1001 } });
  expect(text(1001)).toContain('simultaneous-close: of 1,001 subjects the 1,000 with most were looked at\n');
  expect(JSON.parse(diagnosisJson(diagnosed(1001))).findings[0].evidence.subjects).toBe(1001);
});

it('says nothing of that where all are told', () => {
  expect(diagnosed(1000).findings).toHaveLength(1000);
  expect(diagnosed(1000).findings[0]?.evidence.subjects).toBeUndefined();
  expect(text(1000)).not.toContain('looked at');
});
