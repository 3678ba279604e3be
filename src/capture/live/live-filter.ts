/** ICMP errors by their types (RFC 792), of which the decoder reads what they quote. */
const ICMP_ERRORS = [3, 4, 11, 12].map((type) => `icmp[0] == ${type}`).join(' or ');

/**
 * What a live capture takes by default, as tcpdump is told: TCP, and the errors of ICMP and ICMPv6, which may be the
 * only answer to a SYN. Errors of ICMPv6 have types below 128 (RFC 4443 2.1).
 */
export const DEFAULT_FILTER = `tcp or (icmp and (${ICMP_ERRORS})) or (icmp6 and ip6[40] < 128)`;
