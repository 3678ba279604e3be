import type { Scenario } from './scenario.ts';
import { CLOSING } from './scenarios/closing.ts';
import { DISTURBED } from './scenarios/disturbed.ts';
import { FORMATS } from './scenarios/formats.ts';
import { HEALTHY } from './scenarios/healthy.ts';
import { HEALTHY_ODD } from './scenarios/healthy-odd.ts';
import { LEAKS } from './scenarios/leaks.ts';
import { MIDDLEBOXES } from './scenarios/middleboxes.ts';
import { PORTS } from './scenarios/ports.ts';
import { PORTS_FULL } from './scenarios/ports-full.ts';
import { WAITING } from './scenarios/waiting.ts';

/** One phenomenon, one scenario, one small capture (or two, one at each end). */
export const SCENARIOS: Scenario[] = [
  ...[CLOSING, PORTS, WAITING, FORMATS],
  ...[PORTS_FULL, LEAKS, MIDDLEBOXES, DISTURBED],
  ...[HEALTHY, HEALTHY_ODD],
].flat();
