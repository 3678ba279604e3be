import { counted, duration } from '../../../units.ts';
import type { GaveUp } from '../../family/gave-up/gave-up.ts';
import type { Advice } from '../../frame/conclusion.ts';
import { spreadText } from '../../frame/spread.ts';
import { serviceName, serviceOf } from '../../frame/subjects.ts';

/** What is said of the clients of a service that gave up. */
export function gaveUpAdvice({ group, waited, isAtWork }: GaveUp): Advice {
  const name = serviceName(serviceOf(group));
  const after = spreadText(waited);
  const byRst = group.number('by_rst');
  const how = byRst === 0 ? 'FIN' : byRst === group.count ? 'RST' : 'FIN or RST';
  const clients = group.number('clients');
  const who = clients === 1 ? `A client, ${group.text('client')},` : `${clients} clients`;
  const late = group.number('answered_late');
  return {
    title: waited.areAlike
      ? `${counted(group.count, 'request')} given up after waiting ${after} for the answer`
      : `${counted(group.count, 'request')} given up before the answer came`,
    cause:
      `${who} sent a request and closed by ${how} ${after} later (n = ${waited.count}, median ${duration(waited.medianUs)})` +
      `${waited.areAlike ? ': a timeout of the client' : ': times that differ, as of users who leave, or of several timeouts'}. ` +
      `${late === 0 ? 'No byte of the answer had come.' : `${late} answers came after that, for nobody.`} ` +
      `nginx logs 499, haproxy CH or CD. The server is slow, or the timeout is too short.${
        isAtWork
          ? ' The server goes on with the work: see close-wait-leak, which tells of the same sockets.'
          : ''
      }`,
    remedies: [
      `See what ${name} does in that time: its log of slow requests, what it waits for (a database, a lock, a full pool ` +
        'of workers), and whether the same requests are always the slow ones.',
      `Where the answer needs so long, a timeout of the clients above it: they wait ${duration(waited.medianUs)} now. Let the ` +
        'timeouts agree along the way, each longer than that of whom it waits for: nginx proxy_read_timeout, haproxy timeout ' +
        'server, a deadline in the client.',
      'Stop the work when the client is gone (a cancelled request context, EPOLLRDHUP), and send something early where an ' +
        'answer takes long: headers, progress.',
    ],
    notToDo: [
      'Trying again at once: a server that is too slow gets the same work twice. Wait longer each time, and set a limit.',
      'A longer timeout alone, if the server is overloaded: more requests then wait at once.',
      'Timeouts of idle connections (keep-alive): these connections were not idle, they waited for an answer.',
    ],
  };
}
