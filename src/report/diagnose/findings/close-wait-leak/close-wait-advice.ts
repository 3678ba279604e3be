import type { Database } from 'better-sqlite3';
import { printable } from '../../../text.ts';
import { counted, duration } from '../../../units.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import type { Advice } from '../../frame/conclusion.ts';

/** What a CLOSE_WAIT that does not end, or ends late, looks like. */
export type CloseWaitKind = 'server' | 'client' | 'backlog' | 'slow' | 'half-close';

const NO_SYSCTL =
  'No sysctl ends a CLOSE_WAIT: tcp_fin_timeout is of the other side (orphans in FIN_WAIT_2), and neither ' +
  'tcp_tw_reuse nor tcp_max_tw_buckets has to do with it.';
const NO_RESTART =
  'Restarting the program clears the sockets and hides the cause; raising ulimit -n only moves the day.';
const KEEP_ALIVE =
  'As a net, not a cure: turn SO_KEEPALIVE on and set TCP_KEEPIDLE. By default Linux takes ' +
  '7200 + 9 x 75 = 7875 s to give a dead peer up, and never does where the program did not turn it on.';

const ADVICE: Readonly<Record<CloseWaitKind, Advice>> = {
  server: {
    title: 'missing close() in the server',
    cause:
      'The clients have closed and the kernel has acknowledged that; the program has not called close(). It ' +
      'was notified: recv() returned 0. Such a socket stays for as long as the process lives.',
    remedies: [
      'Close the socket wherever recv() returns 0 or fails, on error paths and in handlers that were ' +
        'cancelled, too; then look for descriptors that a child process or a second reference (dup, fork) keeps.',
      'Find it on the host: ss -tnp state close-wait names the process, ls /proc/PID/fd counts.',
      KEEP_ALIVE,
    ],
    notToDo: [NO_SYSCTL, NO_RESTART],
  },
  client: {
    title: 'connections that the server has closed are kept by the client',
    cause:
      'The server has closed; the client has not. Most often a pool keeps a connection that the server ended ' +
      'as idle and notices when it wants to use it, or a response body was never read to its end or closed.',
    remedies: [
      'Read response bodies to the end or close them, also when an error came.',
      "Make the pool drop idle connections sooner than the server's keep-alive timeout, and check a " +
        'connection before it is used again.',
      'Find it on the host: ss -tnp state close-wait names the process.',
    ],
    notToDo: [
      NO_SYSCTL,
      "Making the server's idle timeout endless: then the server keeps the sockets instead.",
    ],
  },
  backlog: {
    title: 'full backlog: the kernel took requests that no program has read',
    cause:
      'The kernel has shaken hands and acknowledged the requests, but the server never sent a byte, and the ' +
      'clients gave up. Such connections wait in the backlog of listen() for an accept() that comes too late: ' +
      'all workers are busy or stuck.',
    remedies: [
      'See what the workers wait for: a stack dump of the server, and ss -ltn, whose Recv-Q is the length of ' +
        'the queue and Send-Q its limit.',
      'Give the work that holds them a timeout, then more workers if they are really busy.',
      'Shed load early: answer 503 or refuse, rather than let requests wait for longer than clients do.',
    ],
    notToDo: [
      'A longer backlog (somaxconn) against a stuck program: more requests then wait for longer, and are ' +
        'answered for clients that have gone.',
      NO_SYSCTL,
    ],
  },
  slow: {
    title: 'slow handler: it closes, but long after the client has',
    cause:
      'The program looks at the socket again only long after the client has closed: it is busy with the ' +
      'request, or with something else, or waits for a time-out of its own. What it still sends is lost.',
    remedies: [
      'Find what takes so long: the time in CLOSE_WAIT is the time from the FIN to the end of the work.',
      "Give the work a timeout that is shorter than the clients' patience, and stop it when the client is gone " +
        '(a cancelled request context, EPOLLRDHUP).',
      'Limit how much of it runs at once, so that work for clients that are gone does not slow the others down.',
    ],
    notToDo: [NO_SYSCTL, 'Longer timeouts of the clients alone: more connections then stand at once.'],
  },
  'half-close': {
    title: 'half-closed connections whose answer takes long',
    cause:
      'The peer has closed its direction only (shutdown) and took what came after: it waits on purpose. The ' +
      'CLOSE_WAITs last until the answer is sent.',
    remedies: [
      'Nothing, where the answer is long and begins soon. Else look at what the handler does before it begins.',
      'If the protocol is meant to wait, say how long: --threshold slow-answer=30s.',
    ],
    notToDo: [NO_SYSCTL],
  },
};

/** What is said of a kind, and the programs that have these sockets, if the kernel was asked (live --kernel). */
export function adviceOn(db: Database, { exampleIds }: CaseGroup, kind: CloseWaitKind): Advice {
  const advice = ADVICE[kind];
  const programs = db
    .prepare<[string], { program: string; pid: number | null }>(
      `SELECT DISTINCT program, pid FROM kernel_sockets
       WHERE state = 'CLOSE_WAIT' AND program IS NOT NULL AND flow_id IN (SELECT value FROM json_each(?))
       ORDER BY program, pid`,
    )
    .all(JSON.stringify(exampleIds));
  if (programs.length === 0) return advice;
  const names = programs.map(({ program, pid }) => `${printable(program)} (${pid})`);
  const holders = `On the host that is ${counted(names.length, 'process', 'processes')}: ${names.join(', ')}.`;
  return { ...advice, cause: `${advice.cause} ${holders}` };
}

/**
 * What is said of a relay that waits with both legs half-closed.
 * @param last the address of the end that got the FIN last
 * @param other the leg on which the FIN came in
 */
export function relayAdvice(last: string, other: string, longestUs: number): Advice {
  return {
    title: `a relay waits half-closed: each CLOSE_WAIT here has a twin on ${other}`,
    cause:
      `A FIN came in on ${other}; the relay passed it on within ${duration(longestUs)} and waits for the FIN of the other side, ` +
      `which does not come: ${last}, which got the FIN last, has not closed. The sockets of the relay are no leak of its ` +
      'own: they end when that end closes, or when a timeout of the relay for half-closed connections is over.',
    remedies: [
      `At ${last}, which got the FIN last: close when recv() returns 0; a pool has to look at idle connections.`,
      'At the relay a timeout for half-closed connections: haproxy timeout client-fin and server-fin (with timeout ' +
        'tunnel), nginx proxy_timeout, Envoy idle_timeout of the TCP proxy; on the way, the idle timeout of the ' +
        'balancer.',
      `See which process has them: ss -tnp state close-wait on ${last} and on the relay.`,
    ],
    notToDo: [
      NO_SYSCTL,
      'Not to pass half-closes on: protocols that send after shutdown() lose the answer.',
      NO_RESTART,
    ],
  };
}
