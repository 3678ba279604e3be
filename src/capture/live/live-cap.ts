import { fileURLToPath } from 'node:url';
import { packaged } from '../base/packaged.ts';
import { capInstallHint } from './cap-missing.ts';
import { CANNOT_LOAD, type CapRequest } from './cap-request.ts';

/** Asked of libpcap: with slots of 64 KiB for a frame each, four thousand frames. */
const RING_BYTES = 256 * 1024 * 1024;

/** Its helper threads have no priority: on a busy machine a collection would wait for them, 20 ms and more. */
const GC = '--single-threaded-gc';

/** Node.js's words for the process that captures by cap. */
export function capArgs(request: Omit<CapRequest, 'ringBytes'>): string[] {
  const whole: CapRequest = { ...request, ringBytes: RING_BYTES };
  return [GC, fileURLToPath(packaged('dist/cap-child.js')), JSON.stringify(whole)];
}

/** What to install where the child could not load cap: undefined if that was not the reason of its end. */
export function missingCap(code: number | null, stderr: string): string | undefined {
  if (code !== CANNOT_LOAD) return undefined;
  return `${capInstallHint(stderr)}; or install tcpdump and use --via tcpdump`;
}
