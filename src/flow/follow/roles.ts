import { ACK, type Segment, SYN } from '../../decode/segment.ts';
import { code } from '../format/word-table.ts';
import { ROLE_EVIDENCE } from '../format/words.ts';

/** The roles of a flow's ends, by its first segment. */
export interface Roles {
  clientIsSource: boolean;
  /** Index in ROLE_EVIDENCE. */
  evidence: number;
}

const SYN_FROM_CLIENT: Roles = { clientIsSource: true, evidence: code(ROLE_EVIDENCE, 'syn') };
const SYN_ACK_FROM_SERVER: Roles = { clientIsSource: false, evidence: code(ROLE_EVIDENCE, 'syn-ack') };
const FROM_HIGH_PORT: Roles = { clientIsSource: true, evidence: code(ROLE_EVIDENCE, 'lower-port') };
const FROM_LOW_PORT: Roles = { clientIsSource: false, evidence: code(ROLE_EVIDENCE, 'lower-port') };
const FROM_CLIENT: Roles = { clientIsSource: true, evidence: code(ROLE_EVIDENCE, 'first-segment') };

/** Ports below this are system ports, assigned to services (RFC 6335 6). */
const SYSTEM_PORTS = 1024;
/** No system in use takes its clients' ports from below, by default: Linux begins here, others at 49152. */
const EPHEMERAL_PORTS = 32_768;

/** The role evidence of a flow that begins with a SYN. */
export const ROLE_BY_SYN = SYN_FROM_CLIENT.evidence;

/**
 * The client is the sender of the SYN, or the receiver of the SYN-ACK. In a flow captured mid-stream it is a
 * guess: if only one port is a system port, or only one is none of those that clients take, that is the server's;
 * else the first sender is the client.
 */
export function guessRoles(s: Segment): Roles {
  if ((s.flags & SYN) !== 0) return (s.flags & ACK) !== 0 ? SYN_ACK_FROM_SERVER : SYN_FROM_CLIENT;
  for (const ports of [SYSTEM_PORTS, EPHEMERAL_PORTS]) {
    const sourceServes = s.srcPort < ports;
    if (sourceServes !== s.dstPort < ports) return sourceServes ? FROM_LOW_PORT : FROM_HIGH_PORT;
  }
  return FROM_CLIENT;
}
