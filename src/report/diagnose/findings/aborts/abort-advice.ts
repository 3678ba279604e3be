import type { Advice } from '../../frame/conclusion.ts';
import type { AbortKind } from './abort-cases.ts';

const NO_LINGER =
  'SO_LINGER with 0 against TIME_WAIT: an RST throws away what is under way, at both ends, and the peer sees an error.';
const NO_DROP = 'Dropping RSTs in a filter: the connections then hang until a timeout.';
const NO_SYSCTL = 'No sysctl: who sends the RST is a program, or a box on the way.';

/** What is said of each kind. */
export const ADVICE: Readonly<Record<AbortKind, Advice>> = {
  'gave up': {
    title: 'clients abort while they wait for the answer',
    cause:
      'The clients sent a request and then RST, before a byte of the answer had come: their patience was over ' +
      '(a read timeout, a deadline, a user who left), and their program aborts (SO_LINGER 0, or its end).',
    remedies: [
      'Look at how long the server takes: the time from the connection to the RST is the patience of the clients.',
      'Make the answers faster, or send something early (headers, progress); stop the work when the client is gone.',
      'Let the timeouts agree along the way: each one shorter than that of who waits for it.',
    ],
    notToDo: ['Trying again at once: a server that is too slow gets the same work twice.', NO_LINGER],
  },
  'after answer': {
    title: 'clients close by RST after they got an answer',
    cause:
      'Commonplace: a client that has what it wants ends by RST, with a byte unread (the close_notify of TLS), by ' +
      'SO_LINGER 0, or because the process ended. What the server had still under way is lost, and the client ' +
      'does not care.',
    remedies: [
      'Nothing, unless answers are cut: then read them to their end before close().',
      'If the clients are yours and use SO_LINGER 0 against TIME_WAIT: keep connections and use them again.',
    ],
    notToDo: [NO_LINGER, NO_DROP],
  },
  unused: {
    title: 'clients connect and abort without a byte',
    cause:
      'Most often a health check that looks whether the port is open and ends by RST, to save a TIME_WAIT.',
    remedies: ['Nothing, if that is what it is; a check that asks for something says more of the service.'],
    notToDo: [NO_DROP],
  },
  dropped: {
    title: 'the server aborts without reading what clients sent',
    cause:
      'The clients sent, the server acknowledged and then sent RST without a byte of an answer. On Linux that is ' +
      'close() with data unread: the program closed the socket, crashed or was killed before it read, or it aborts ' +
      'on purpose (SO_LINGER 0).',
    remedies: [
      'Look at the log of the server at these times: a crash, a limit (connections, descriptors, memory), an error ' +
        'before the request is read.',
      'To refuse, answer first: read the request, send the refusal, shutdown(SHUT_WR), read to the end, close().',
      'Where protocols are mixed up (TLS on a plain port, a PROXY header that one side does not expect), set both alike.',
    ],
    notToDo: [NO_LINGER, NO_DROP, NO_SYSCTL],
  },
  'turned away': {
    title: 'the server aborts connections before anybody sent a byte',
    cause:
      'accept(), then at once RST: the program is at a limit (connections in all or of one address), refuses the ' +
      'address (an access list), or a balancer found no backend.',
    remedies: [
      'Look at the limits and access lists of the server or balancer, and at its log at these times.',
      'If it is the limit: keep-alive and pools in the clients, shorter idle timeouts, more workers.',
    ],
    notToDo: [NO_DROP, NO_SYSCTL],
  },
  cut: {
    title: 'the server aborts connections on which it had answered',
    cause:
      'The server ends by RST instead of FIN: it closes while something of the client lies unread (the rest of an ' +
      'upload, a request that came as it closed), by SO_LINGER 0, or at an idle timeout that it ends by RST. The end ' +
      'of an answer that the client had not read yet is lost with it.',
    remedies: [
      'Close in order: shutdown(SHUT_WR), read until the client has closed or some seconds have passed, then close() ' +
        '(lingering_close in nginx).',
      'Where it is an idle timeout (balancers): fine, if clients try again; else make the idle timeout of the clients ' +
        'the shorter one.',
      'Look for SO_LINGER 0, and for options such as reset_timedout_connection.',
    ],
    notToDo: [NO_LINGER, NO_DROP, NO_SYSCTL],
  },
  closed: {
    title: 'data comes for sockets that their program has closed',
    cause:
      'One end closed, the other sent more, and the kernel answered by RST, for nobody is there to read it. A server ' +
      'that closes idle connections meets a request that was on its way; a client that closes early meets the rest ' +
      'of the answer.',
    remedies: [
      "Make the idle timeout of the clients' pools shorter than that of the server (keep-alive timeout).",
      'Let clients try a request again, once, that met a closed connection and may be sent twice.',
      'A program that wants the rest of the answer closes its direction only: shutdown(SHUT_WR).',
    ],
    notToDo: [NO_LINGER, NO_DROP],
  },
  injected: {
    title: 'RSTs that somebody between the ends sends',
    cause:
      'They do not come from the end that they name: their TTL is not that of its other segments, or it goes on as ' +
      'if it had sent none. Firewalls, intrusion prevention, balancers and censors end connections like that.',
    remedies: [
      'Find the box: its distance is in the TTL; capture on both sides of the firewalls on the way.',
      'Look into its log, and make an exception or repair the rule that meets these connections.',
      'Between two networks that you do not own: TLS does not help against RST; a tunnel (IPsec, WireGuard) does.',
    ],
    notToDo: [
      'Dropping RSTs in a filter at an end: then true ones are missed as well. As a test of the hypothesis it will do.',
      NO_SYSCTL,
    ],
  },
};
