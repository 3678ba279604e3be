import { icmpMeaning, icmpName } from '../../../icmp.ts';
import { ENDS } from '../../family/openings/openings.ts';
import type { CaseGroup, Cases } from '../../frame/cases.ts';
import { type Conclusion, certain } from '../../frame/conclusion.ts';
import { SERVICE, serviceSubject } from '../../frame/subjects.ts';

// SYNs whose only answer is an ICMP error: who sent it, and which.

const PROHIBITED: readonly string[] = [
  'ICMP 3/9',
  'ICMP 3/10',
  'ICMP 3/13',
  'ICMPv6 1/1',
  'ICMPv6 1/5',
  'ICMPv6 1/6',
];
const PORT_UNREACHABLE: readonly string[] = ['ICMP 3/3', 'ICMPv6 1/4'];
const UNREACHABLE: readonly string[] = [
  'ICMP 3/0',
  'ICMP 3/1',
  'ICMP 3/6',
  'ICMP 3/7',
  'ICMPv6 1/0',
  'ICMPv6 1/3',
];

/** A connection without an answer but an ICMP error; not those of scanners. */
export function rejectedCases(notOfScanners: string): Cases {
  return {
    sql: `SELECT ${ENDS}, last_us AS until_us, client_segments AS syns, first_frame AS frame,
  icmp_type, icmp_code, icmp_from_ip
FROM flows
WHERE close_kind = 'unanswered' AND icmp_us IS NOT NULL${notOfScanners}`,
    by: [...SERVICE, 'icmp_from_ip', 'icmp_type', 'icmp_code'],
    measures: { clients: 'count(DISTINCT client_ip)', syns: 'sum(syns)' },
    having: 'count >= :several',
    marks: ['SYN', 'ICMP error'],
  };
}

export function concludeRejected(group: CaseGroup): Conclusion {
  const error = [group.number('icmp_type'), group.number('icmp_code'), group.text('server_ip')] as const;
  const name = icmpName(...error);
  const sender = group.isNull('icmp_from_ip') ? undefined : group.text('icmp_from_ip');
  return {
    group,
    severity: 'warning',
    subject: serviceSubject(group),
    numbers: { connections: group.count, SYNs: group.number('syns'), clients: group.number('clients') },
    advice: {
      title: `${sender === undefined ? 'SYNs are answered' : `${sender} answers SYNs`} by ${name}: ${icmpMeaning(...error)}`,
      cause: `No segment answers these SYNs; ${sender ?? 'a host on the way'} sent ${name} about them. ${causeOf(name)}`,
      remedies: [
        `Look at ${sender ?? 'the hosts on the way'}: filters (nft list ruleset, access lists, security groups) and routes to the address.`,
        "See what the program makes of it: Linux's connect() usually fails at once, with EHOSTUNREACH, ENETUNREACH or ECONNREFUSED.",
      ],
      notToDo: [
        'Filtering ICMP: then clients wait for minutes for what they are told at once now.',
        'A longer connect timeout, or more retries: the answer is there, and stays the same.',
      ],
    },
    certainty: certain('the errors were captured, and quote these SYNs'),
  };
}

function causeOf(name: string): string {
  if (PROHIBITED.includes(name))
    return 'That is a rule that rejects, of a filter or a prohibiting route, for this port, address or client.';
  if (PORT_UNREACHABLE.includes(name))
    return 'A kernel without a listener answers TCP by RST: it is a filter that rejects, by a rule of its own.';
  if (UNREACHABLE.includes(name))
    return 'It has no way to that address: the host is down or gone, or a route is missing or wrong.';
  return 'It could not pass them on.';
}
