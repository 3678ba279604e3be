import { expect, it } from 'vitest';
import { areAlike } from '../../../../../src/report/diagnose/family/forgotten/silences.ts';

it.each([
  ['the same', [50, 50, 50], true],
  ['some longer ones of a few', [50, 60, 70, 400], true],
  ['any', [5, 15, 25, 35], false],
] as const)('silences are alike or not: %s', (_, silences, alike) => {
  expect(areAlike(silences)).toBe(alike);
});
