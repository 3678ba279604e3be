import type { Advice } from '../../frame/conclusion.ts';
import type { AbortKind } from './abort-cases.ts';

const NO_LINGER =
  'SO_LINGER with 0 against TIME_WAIT: an RST throws away what is under way, at both ends, and the peer sees an error.';
const NO_DROP = 'Dropping RSTs in a filter: the connections then hang until a timeout.';
const NO_SYSCTL = 'No sysctl: who sends the RST is a program, or a box on the way.';

/** What is said of each kind. */
export const ADVICE: Readonly<Record<AbortKind, Advice>> = {
  'gave up': {
    title: 'clients abort while they wait for the answer, soon after their request',
    cause:
      'The clients sent data and then RST, within 100 ms and before a byte of an answer had come: their program ends, ' +
      'cancels, or closes with SO_LINGER 0 and does not want an answer. Whether the server read what they sent is not ' +
      'known: the RST may have thrown it away.',
    remedies: [
      'Look at what the clients do there: a request that is cancelled (a race of two, a user who goes on), a process ' +
        'that ends before its answers have come.',
      'If the data matters, close in order: shutdown(SHUT_WR), read to the end, close().',
    ],
    notToDo: ['Trying again at once: the server may have got the same work already.', NO_LINGER],
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
    title: 'unused connections: clients connect and abort without a byte, as health checks do',
    cause:
      'Neither end sent a byte. Most often a health check of a balancer (haproxy, keepalived) that looks whether the ' +
      'port is open and ends by RST, often instead of the last ACK of the handshake, to save a TIME_WAIT; or a ' +
      'connection that was opened in advance and not needed.',
    remedies: ['Nothing, if that is what it is; a check that asks for something says more of the service.'],
    notToDo: [NO_DROP],
  },
  idle: {
    title: 'connections that were idle end by RST',
    cause:
      'For a second or more neither data nor an ACK of data went to and fro, then came the RST: an idle timeout that is ' +
      'ended by RST instead of FIN (balancers, reset_timedout_connection in nginx, SO_LINGER 0), or a program that ended. ' +
      'Nothing was under way; whether a request that the kernel had acknowledged still waited, no packet tells. ' +
      'Idle times that are alike are a timer.',
    remedies: [
      'Nothing, where all that use such a connection again look at it first.',
      'Else an idle timeout in the pool below the shortest idle time, or use of the connection (a ping of the protocol) ' +
        'within that time.',
      'If requests fail at that moment: see how long the server takes for them, and what limit ends its workers.',
    ],
    notToDo: [NO_DROP, NO_SYSCTL],
  },
  unseen: {
    title: 'connections of which little more than their RST was captured',
    cause:
      'They were open before the capture began, or segments are missing, and no data was captured: what was exchanged ' +
      'on them, and whether the RST cut something off, is not known.',
    remedies: ['Capture from before these connections begin, both directions and without a filter.'],
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
      'One end closed in the middle of an exchange, the other sent more, and the kernel answered by RST, for nobody is ' +
      'there to read it: a client that has seen enough and closes meets the rest of the answer; a server that answers ' +
      'and closes meets the rest of the request, or the next one. The end that goes on sending may lose an answer ' +
      'that it has not read yet.',
    remedies: [
      'A program that wants the rest closes its direction only: shutdown(SHUT_WR), and reads to the end.',
      'A server that closes after an error says so in its answer (Connection: close, GOAWAY), and reads on for some ' +
        'seconds before close() (lingering_close in nginx).',
      'Nothing, where it is the rest of a stream that the client does not want.',
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
