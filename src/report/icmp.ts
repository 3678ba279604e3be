// How ICMP errors are named (iana.org/assignments/icmp-parameters, iana.org/assignments/icmpv6-parameters).

/** A type's name, and what its codes mean. */
interface ErrorType {
  readonly name: string;
  readonly codes?: readonly string[];
}

const ICMP: Readonly<Record<number, ErrorType>> = {
  3: {
    name: 'destination unreachable',
    codes: [
      'network unreachable',
      'host unreachable',
      'protocol unreachable',
      'port unreachable',
      'fragmentation needed and not allowed',
      'source route failed',
      'destination network unknown',
      'destination host unknown',
      'source host isolated',
      'communication with destination network administratively prohibited',
      'communication with destination host administratively prohibited',
      'network unreachable for type of service',
      'host unreachable for type of service',
      'communication administratively prohibited',
      'host precedence violation',
      'precedence cutoff in effect',
    ],
  },
  4: { name: 'source quench' },
  11: {
    name: 'time exceeded',
    codes: ['time to live exceeded in transit', 'fragment reassembly time exceeded'],
  },
  12: {
    name: 'parameter problem',
    codes: ['parameter problem: a header field', 'a required option is missing', 'bad length'],
  },
};

const ICMPV6: Readonly<Record<number, ErrorType>> = {
  1: {
    name: 'destination unreachable',
    codes: [
      'no route to destination',
      'communication with destination administratively prohibited',
      'beyond scope of source address',
      'address unreachable',
      'port unreachable',
      'source address failed ingress/egress policy',
      'reject route to destination',
      'error in source routing header',
      'headers too long',
    ],
  },
  2: { name: 'packet too big' },
  3: {
    name: 'time exceeded',
    codes: ['hop limit exceeded in transit', 'fragment reassembly time exceeded'],
  },
  4: {
    name: 'parameter problem',
    codes: [
      'erroneous header field encountered',
      'unrecognized next header type encountered',
      'unrecognized IPv6 option encountered',
      'IPv6 first fragment has incomplete IPv6 header chain',
    ],
  },
};

/** `ICMP 3/13`, `ICMPv6 1/1`, as the flow's addresses are; `icmp_type` and `icmp_code` of a flow. */
export function icmpName(type: number, code: number, ip: string): string {
  return `${ip.includes(':') ? 'ICMPv6' : 'ICMP'} ${type}/${code}`;
}

/** What the code of an error means, else its type, else that it is not known. */
export function icmpMeaning(type: number, code: number, ip: string): string {
  const known = (ip.includes(':') ? ICMPV6 : ICMP)[type];
  return known?.codes?.[code] ?? known?.name ?? 'an error without a name';
}
