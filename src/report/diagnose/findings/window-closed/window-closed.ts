import { duration } from '../../../units.ts';
import { type CaseGroup, type Cases, groupCases } from '../../frame/cases.ts';
import { type Conclusion, certain } from '../../frame/conclusion.ts';
import { eachEnd } from '../../frame/frequent.ts';
import type { Rule } from '../../frame/rule.ts';
import { CLIENTS, clientsSubject, SERVICE, serviceSubject } from '../../frame/subjects.ts';

const CASES: Cases = {
  sql: eachEnd(`SELECT f.id AS flow_id, f.client_ip, f.client_port, f.server_ip, f.server_port,
  f.first_us AS since_us, f.last_us AS until_us, '%' AS receiver, f.%_zero_window_us AS closed_us,
  f.close_kind, f.client_fin_us, f.server_fin_us, f.first_frame AS frame
FROM flows AS f
WHERE f.%_zero_window_us >= :closed_us`),
  by: ['receiver', ...SERVICE],
  measures: {
    ...CLIENTS,
    longest_us: 'max(closed_us)',
    shortest_us: 'min(closed_us)',
    not_ended: "sum(close_kind IN ('open', 'half'))",
  },
  weight: 'closed_us',
  marks: ['SYN', 'FIN', 'RST'],
};

/** A program that does not read: its kernel's buffer is full, and the sender may send nothing. */
export const windowClosed: Rule = {
  code: 'window-closed',
  title: 'a program does not read: its receive window is closed',
  looksFor:
    'Ends whose segments had a window of 0 for long: their buffer is full, for the program does not read. The peer ' +
    'can send neither data nor its FIN.',
  thresholds: ['window-closed'],
  candidates: 'client_zero_window >= 1e6 * :window_closed OR server_zero_window >= 1e6 * :window_closed',
  worst: 'info',
  find: (db, { thresholds }) =>
    groupCases(db, CASES, { closed_us: thresholds['window-closed'] * 1e6 }).map(conclude),
};

function conclude(group: CaseGroup): Conclusion {
  const isServer = group.text('receiver') === 'server';
  const [receiver, sender] = isServer ? ['server', 'client'] : ['client', 'server'];
  const longest = duration(group.number('longest_us'));
  return {
    group,
    severity: 'info',
    subject: isServer ? serviceSubject(group) : clientsSubject(group),
    numbers: {
      connections: group.count,
      shortest_us: group.number('shortest_us'),
      longest_us: group.number('longest_us'),
      not_ended: group.number('not_ended'),
      clients: group.number('clients'),
    },
    advice: {
      title: `the ${receiver} does not read: its receive window was closed for ${longest}`,
      cause:
        `The ${receiver}'s kernel has data that its program does not take with recv(), and no room for more: window 0. The ` +
        `${sender} may send nothing but probes, which are answered, so the connection lives on for as long as both ` +
        `hosts do. If the ${sender}'s program has closed meanwhile, its FIN waits behind its data: it is in FIN_WAIT_1, and no ` +
        'packet shows that.',
      remedies: [
        `On the ${receiver}'s host: ss -tnmp shows the full receive queue (Recv-Q) and the process; see what it waits for: a ` +
          'lock, a slow disk or database, a consumer that is slower than the sender, a response body that nobody reads.',
        `At the ${sender}: a timeout for writes, or TCP_USER_TIMEOUT, which ends a connection whose window stays closed.`,
        'Where the consumer is slower on purpose: a limit of its own for what is under way (flow control of the ' +
          'protocol), which shows stuck peers among idle ones.',
      ],
      notToDo: [
        'Larger buffers (net.ipv4.tcp_rmem): they fill as well, only later.',
        'SO_KEEPALIVE: the kernel answers the probes, whatever its program does.',
        'net.ipv4.tcp_fin_timeout: it is of FIN_WAIT_2, which this close has not reached.',
      ],
    },
    certainty: certain(`the ${receiver}'s own segments say so`),
  };
}
