import { describe, expect, it } from 'vitest';
import type { CaptureRow } from '../../../../src/record/rows/capture-row.ts';
import { diagnose } from '../../../../src/report/diagnose/diagnose.ts';
import type { Flow } from '../../../record/batches.ts';
import { captureOf } from '../../../record/batches.ts';
import { databaseOf } from '../../../record/database.ts';
import { closes } from '../closes.ts';

type Quality = NonNullable<CaptureRow['quality']>;

/** Closes whose last ACK was lost on its way. */
const lost = (n: number): Flow[] => closes(n, { rearmed: 1 });
/** The same behind a hole in the capture: the client's FIN is known by its acknowledgment alone. */
const behindHole = (n: number): Flow[] =>
  lost(n).map((flow) => ({
    ...flow,
    clientLife: { ...flow.clientLife, FIN_WAIT_1: [1_000_000, 9, 'inferred'] },
  }));

const withColumns = (columns: Flow['columns']): Flow[] =>
  lost(6).map((flow) => ({ ...flow, columns: { ...flow.columns, ...columns } }));

describe('a finding that packets prove is certain', () => {
  const confidence = (flows: Flow[], quality: Quality) =>
    diagnose(databaseOf(flows, [captureOf({ quality })]), {
      only: ['last-ack-lost'],
    }).findings.map((finding) => [finding.confidence, finding.confidenceReason]);
  const reason = 'the ACK was captured, and the FIN came again after it';

  it.each([
    ['where all was captured', lost(6), {}, 'certain', reason],
    ['where other things were not', lost(6), { missed: 3 }, 'certain', reason],
    [
      'but not if a FIN was not',
      [...lost(5), ...behindHole(1)],
      { missed: 1 },
      'likely',
      `${reason}; of 1 connection a FIN was not captured`,
    ],
    [
      'nor if many were not',
      behindHole(6),
      { missed: 6 },
      'likely',
      `${reason}; of 6 connections a FIN was not captured`,
    ],
    [
      'nor if an end is unknown',
      withColumns({ server_state: 'UNKNOWN' }),
      {},
      'likely',
      `${reason}; of 6 connections the state of an end is not known`,
    ],
    [
      'nor behind a hole',
      withColumns({ client_missed: 1 }),
      { missed: 6 },
      'likely',
      `${reason}; of 6 connections segments were not captured`,
    ],
    [
      'nor of one direction',
      lost(6),
      { directions: 1 },
      'likely',
      `${reason}; one direction alone was captured`,
    ],
    [
      'nor behind a display filter',
      lost(6),
      { filtered: 1 },
      'likely',
      `${reason}; a filter left segments out`,
    ],
  ])('%s', (_, flows, quality, sure, why) => {
    expect(confidence(flows, quality)).toEqual([[sure, why]]);
  });
});
