import { REFUSED } from './cap-request.ts';
import { missingCap } from './live-cap.ts';
import type { Exit } from './live-child.ts';
import { deviceState } from './live-device.ts';
import { LiveError, type Via } from './live-error.ts';
import { permissionHelp, thisCommand } from './live-rights.ts';

/** How a capture ended. */
export interface LiveEnd {
  /** `stopped` as asked for; `device` it went down or away; `killed` its process; `failed` all else. */
  reason: 'stopped' | 'device' | 'killed' | 'failed';
  /** In words. */
  message: string;
}

interface Capture {
  via: Via;
  device: string;
  /** What its process wrote to standard error. */
  stderr: string;
}

/** Why the program could not even be started. */
export function cannotRun(via: Via, error: NodeJS.ErrnoException): LiveError {
  if (error.code === 'ENOENT') return new LiveError('missing', `${via} is not installed: install ${via}`);
  if (error.code === 'EACCES') return new LiveError('permission', `${via} may not be run by this user`);
  return new LiveError('failed', `${via} cannot be run: ${error.message}`);
}

/** Why a capture did not begin. */
export function startError(
  exit: Exit,
  { via, device, filter, stderr }: Capture & { filter: string },
): LiveError {
  const missing = via === 'cap' ? missingCap(exit.code, stderr) : undefined;
  if (missing !== undefined) return new LiveError('missing', missing);
  const reason = reasonIn(stderr, device) ?? endOf(exit);
  if (/permission|not permitted|CAP_NET_RAW/i.test(stderr)) {
    const advice = permissionHelp(thisCommand(device, filter));
    return new LiveError('permission', `${device}: no permission to capture (${reason})`, advice);
  }
  if (/no such device|disappeared|doesn't exist/i.test(stderr)) {
    return new LiveError('usage', `${device}: ${reason}; finwait devices lists them`);
  }
  // Only what is left can be about the filter: libpcap has many words for that.
  if (filter !== '' && exit.code === (via === 'cap' ? REFUSED : 1) && !/not up/.test(stderr)) {
    return new LiveError('usage', `filter ${filter}: ${reason}`);
  }
  return new LiveError('failed', `${device}: ${reason}`);
}

/** How a capture ended that was not stopped. */
export function captureEnd(exit: Exit, { via, device, stderr }: Capture): LiveEnd {
  const state = deviceState(device);
  if (state === 'gone') return { reason: 'device', message: `${device} has vanished` };
  // libpcap's messages, and what cap does instead of printing one.
  const failed = /disappeared|went down|Network is down/.test(stderr) || exit.signal === 'SIGABRT';
  if (failed && state !== 'up') return { reason: 'device', message: `${device} went down` };
  if (failed && via === 'cap') return { reason: 'device', message: `${device} went down for a moment` };
  if (exit.signal !== null) return { reason: 'killed', message: `${via} was killed by ${exit.signal}` };
  const reason = reasonIn(stderr, device) ?? endOf(exit);
  return { reason: exit.code === 0 ? 'killed' : 'failed', message: `${via} has ended: ${reason}` };
}

/** What libpcap says: the last line of tcpdump's or the child's own that is no notice. */
function reasonIn(stderr: string, device: string): string | undefined {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^Warning: |^\(|^\s*$|listening on |^\d+ packets? |packets captured, /.test(line));
  const words = lines.at(-1)?.replace(/^tcpdump: /, '');
  return words?.startsWith(`${device}: `) ? words.slice(device.length + 2) : words;
}

function endOf({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}
