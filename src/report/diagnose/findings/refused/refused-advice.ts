import { type Conclusion, likely, possible } from '../../frame/conclusion.ts';

/** When a service refuses. */
export type Refusal = 'never' | 'restart' | 'gone' | 'not-yet' | 'at-times' | 'scan';

const NO_DROP =
  'A filter that drops the SYNs instead: clients then hang for minutes instead of failing at once.';
const NO_HASTE =
  'Trying again at once and for ever: a client that is refused should wait, longer each time, and somewhat at random.';
const LISTENER = 'ss -ltnp on the host shows what listens, on which addresses, and which process it is.';
const RESTART: readonly string[] = [
  'Look at the log of the service and of what starts it (journalctl -u, kubectl describe, dmesg for the OOM killer) at ' +
    'that time.',
  'If it could not bind() again ("Address already in use"): SO_REUSEADDR before bind(), in the old process as in the ' +
    'new one, for TIME_WAITs of the old one hold the port (finding server-holds-time-wait).',
  'For restarts on purpose: let systemd hold the socket (socket activation), or start the new process with ' +
    'SO_REUSEPORT before the old one ends; take the backend out of rotation first.',
  'In clients: try again after a short pause that grows.',
];

/** What is said of each, and how sure it is. */
export const REFUSALS: Readonly<Record<Refusal, Pick<Conclusion, 'advice' | 'certainty'>>> = {
  never: {
    advice: {
      title: 'nobody listens on this port',
      cause:
        'Every SYN was answered by RST and not one connection was opened: the host is there, the program is not. It ' +
        'was not started, listens on another port or on another address (127.0.0.1 only, IPv4 only), or a filter ' +
        'rejects by RST.',
      remedies: [
        LISTENER,
        'Start the program, or correct the port or address in what connects. One refused on ::1 or another address ' +
          'first, that goes on to the next, is only a detour: let the name lead to where it listens.',
      ],
      notToDo: [NO_DROP, NO_HASTE],
    },
    certainty: likely('a filter that rejects looks the same'),
  },
  restart: {
    advice: {
      title: 'the service was away for a while: a restart or a crash',
      cause:
        'Connections were opened before and after; in between the kernel refused all, for no program held the port. ' +
        'Its host was up all the time.',
      remedies: RESTART,
      notToDo: [NO_DROP, NO_HASTE],
    },
    certainty: likely('it served before and after, and nobody meanwhile'),
  },
  gone: {
    advice: {
      title: 'the service ended: first it opened connections, then all were refused',
      cause:
        'Connections were opened before; since then the kernel refused all, for no program holds the port. Until the ' +
        'capture ended it had not come back.',
      remedies: RESTART,
      notToDo: [NO_DROP, NO_HASTE],
    },
    certainty: likely('it served before, and nobody since'),
  },
  'not-yet': {
    advice: {
      title: 'the service began to listen later than clients came',
      cause:
        'All connections were refused at first, later ones were opened: the clients were started sooner than the ' +
        'service was ready, or it was just being restarted when the capture began.',
      remedies: [
        'Let what depends on it wait until it is ready (readiness probes, systemd socket activation, After= with ' +
          'Type=notify).',
        'In clients: try again after a short pause that grows.',
      ],
      notToDo: [
        NO_DROP,
        NO_HASTE,
        'A fixed sleep before the clients start: it is too short on the slow day.',
      ],
    },
    certainty: likely('it serves later, and nobody before'),
  },
  'at-times': {
    advice: {
      title: 'the service refuses some connections and opens others meanwhile',
      cause:
        'One address both opens and refuses connections in the same time. Behind it are several backends, one of ' +
        'which has no listener; or it restarts again and again; or a filter rejects above a limit.',
      remedies: [
        'Where a balancer stands behind the address: see which backend refuses, and make its health check notice.',
        'Else look whether the process keeps its number (systemctl status, RestartCount): one that crashes on a request ' +
          'refuses until it is up again.',
        LISTENER,
      ],
      notToDo: [NO_DROP, NO_HASTE],
    },
    certainty: possible('several causes look the same from here'),
  },
  scan: {
    advice: {
      title: 'one client tries many targets that refuse: a scan',
      cause:
        'The client sends SYNs to many addresses or ports, few to each, and is refused. It looks for what listens: a ' +
        'port scan, or a monitoring or discovery system.',
      remedies: [
        'Ask whose it is. One that you do not know, inside your network, is a matter for those who look after security.',
      ],
      notToDo: ['Chasing each of its targets: refusing is right.'],
    },
    certainty: likely('many targets, few tries each'),
  },
};
