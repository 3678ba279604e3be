import type { Scenario } from './scenario.ts';
import { CLOSING } from './scenarios/closing.ts';
import { FORMATS } from './scenarios/formats.ts';
import { PORTS } from './scenarios/ports.ts';
import { WAITING } from './scenarios/waiting.ts';

/** One phenomenon, one scenario, one small capture (or two, one at each end). */
export const SCENARIOS: Scenario[] = [...CLOSING, ...PORTS, ...WAITING, ...FORMATS];
