import { CLOSING } from './closing.ts';
import { DISTURBED } from './disturbed.ts';
import { FORMATS } from './formats.ts';
import { HEALTHY } from './healthy/healthy.ts';
import { HEALTHY_ODD } from './healthy/healthy-odd.ts';
import { IDLE_AND_SLOW } from './idle-and-slow.ts';
import { LEAKS } from './leaks.ts';
import { MIDDLEBOXES } from './middleboxes.ts';
import { HEALTHY_OPENINGS, OPENINGS } from './openings.ts';
import { PORTS } from './ports.ts';
import { PORTS_FULL } from './ports-full.ts';
import { REAL_PROGRAMS } from './real-programs.ts';
import type { Scenario } from './scenario.ts';
import { VANISHING } from './vanishing.ts';
import { WAITING } from './waiting.ts';

/** One phenomenon, one scenario, one small capture (or two, one at each end). */
export const SCENARIOS: Scenario[] = [
  ...[CLOSING, PORTS, WAITING, FORMATS],
  ...[PORTS_FULL, LEAKS, MIDDLEBOXES, DISTURBED, IDLE_AND_SLOW],
  ...[VANISHING, OPENINGS, REAL_PROGRAMS],
  ...[HEALTHY, HEALTHY_ODD, HEALTHY_OPENINGS],
].flat();
