import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/report/diagnose/diagnose.ts';
import type { Flow } from '../../../record/batches.ts';
import { captureOf } from '../../../record/batches.ts';
import { databaseOf } from '../../../record/database.ts';
import { closes } from '../closes.ts';

/** Closes whose last ACK was lost on its way. */
const lost = (n: number): Flow[] => closes(n, { rearmed: 1 });
/** The same behind a hole in the capture: the client's FIN is known by its acknowledgment alone. */
const behindHole = (n: number): Flow[] =>
  lost(n).map((flow) => ({
    ...flow,
    clientLife: { ...flow.clientLife, FIN_WAIT_1: [1_000_000, 9, 'inferred'] },
  }));

describe('a finding that packets prove is certain', () => {
  const confidence = (flows: Flow[], missed: number) =>
    diagnose(databaseOf(flows, [captureOf({ quality: { missed } })]), {
      only: ['last-ack-lost'],
    }).findings.map((finding) => [finding.confidence, finding.confidenceReason]);
  const reason = 'the ACK was captured, and the FIN came again after it';

  it.each([
    ['where all was captured', lost(6), 0, 'certain', reason],
    ['where other things were not', lost(6), 3, 'certain', reason],
    [
      'but not if a FIN was not',
      [...lost(5), ...behindHole(1)],
      1,
      'likely',
      `${reason}; of 1 a FIN was not captured`,
    ],
    ['nor if many were not', behindHole(6), 6, 'likely', `${reason}; of 6 a FIN was not captured`],
  ])('%s', (_, flows, missed, sure, why) => {
    expect(confidence(flows, missed)).toEqual([[sure, why]]);
  });
});
