import { counted, duration } from '../../../units.ts';
import type { Advice } from '../../frame/conclusion.ts';
import { type Spread, spreadText } from '../../frame/spread.ts';
import { type Service, serviceName } from '../../frame/subjects.ts';

/** What is known of the races at a service. */
export interface RaceFacts {
  count: number;
  crossed: number;
  reset: number;
  /** How long the connections were idle before the server closed them. */
  idle: Spread;
  /** From its FIN to the request, where it was captured; undefined where the server closes by RST alone. */
  gap: Spread | undefined;
  service: Service;
}

/** A request that comes so long after the FIN is that of a pool that does not look. */
const STALE_US = 200_000;

/** What is said of them. */
export function raceAdvice(facts: RaceFacts): Advice {
  const { count, idle } = facts;
  const lost = counted(count, 'request');
  const after = spreadText(idle);
  return {
    title: idle.areAlike
      ? `${lost} lost: the server closes connections that were idle for ${after}, as they are used again`
      : `${lost} lost: the server closes idle connections as they are used again`,
    cause: `${timing(idle)} ${meeting(facts)} ${answer(facts)}`,
    remedies: remediesFor(facts),
    notToDo: [
      'tcp_max_tw_buckets, tcp_fin_timeout, tcp_tw_reuse: the RST refuses a request; TIME_WAIT has nothing to do with it.',
      'TCP keep-alive (SO_KEEPALIVE) against this: its probes do not count as use for the idle timeout of an HTTP server.',
      'The same idle timeout at both ends: then they close at the same moment, and the race is at its worst.',
      'Repeating every request blindly: what may not be done twice (POST) needs a key that tells it apart.',
    ],
  };
}

function timing(idle: Spread): string {
  const { count, medianUs } = idle;
  const after = spreadText(idle);
  return idle.areAlike
    ? `The server closes after an idle time of ${after} (n = ${count}, median ${duration(medianUs)}): a timer, its keep-alive timeout.`
    : `The server closes after idle times of ${after} (n = ${count}, median ${duration(medianUs)}), which are ` +
        `${count < 3 ? 'too few to tell a timer' : 'not alike: rather than one timer a reload, a limit of idle connections or of requests for each'}.`;
}

function meeting({ count, crossed, gap }: RaceFacts): string {
  const ways = [
    ...(crossed > 0 ? [`${crossed} crossed the close: sent before it had arrived`] : []),
    ...(count > crossed ? [`${count - crossed} were sent after it had arrived`] : []),
  ].join(', ');
  if (gap === undefined) return `Of the requests ${ways}.`;
  const from = spreadText(gap);
  const at =
    gap.shortestUs >= 0 ? `${from} after the FIN` : `${from} from the FIN (before it, where negative)`;
  const stale =
    gap.medianUs >= STALE_US && count > crossed
      ? ': the pool hands out connections whose end it has been told of (stale)'
      : '';
  return `At the capture point the requests came ${at}; ${ways}${stale}.`;
}

function answer({ count, reset, service }: RaceFacts): string {
  const refused =
    reset === count
      ? `${serviceName(service)} answered by RST`
      : `${serviceName(service)} answered ${reset} by RST, and no answer to the others was captured`;
  return `${refused}: the client reads "connection reset by peer", "socket hang up" or "premature close", a proxy answers 502.`;
}

function remediesFor({ idle, count, crossed, gap, service }: RaceFacts): string[] {
  const name = serviceName(service);
  const limit = duration(idle.shortestUs);
  const below =
    idle.shortestUs >= 2e6
      ? `${Math.max(1, Math.floor(idle.shortestUs / 1e6) - 1)} s or less`
      : `well below ${limit}`;
  const isStale = gap !== undefined && gap.medianUs >= STALE_US && count > crossed;
  const check =
    'In the pool: look at a connection before it is used again (a read that does not block tells its end), and drop it when ' +
    'FIN comes: Apache HttpClient setValidateAfterInactivity, testOnBorrow; an event loop that waits on idle sockets, too. ' +
    'That helps against requests that come late, not against those that cross the FIN.';
  const smaller =
    `At the client or proxy: the idle timeout of the pool below that of the server, here ${below}: nginx keepalive_timeout in ` +
    'upstream {}, Go Transport.IdleConnTimeout, node agentkeepalive freeSocketTimeout, Java HttpClient ' +
    'jdk.httpclient.keepalive.timeout or setConnectionTimeToLive, Envoy idle_timeout, AWS ALB idle timeout (60 s).';
  return [
    ...(isStale ? [check, smaller] : [smaller]),
    `Or at ${name} the timeout above that of every client and balancer before it, by some seconds (behind an AWS ALB of 60 s: ` +
      '65 s): nginx and Apache keepalive_timeout / KeepAliveTimeout, node server.keepAliveTimeout (5 s by default; with ' +
      'headersTimeout above it), haproxy timeout http-keep-alive, gunicorn --keep-alive (2 s), uvicorn --timeout-keep-alive ' +
      '(5 s), Go http.Server.IdleTimeout, Tomcat keepAliveTimeout.',
    'Repeat a request that may be sent twice (GET, PUT, DELETE, one with an idempotency key) once, on a new connection, where ' +
      'it met the end of a used one: nginx proxy_next_upstream error, haproxy retry-on conn-failure empty-response, Envoy ' +
      'retry_on reset.',
    ...(isStale ? [] : [check]),
  ];
}
