import { count } from '../../../units.ts';
import type { Flood } from '../../family/openings/floods.ts';
import type { Advice } from '../../frame/conclusion.ts';
import type { Others } from './syn-flood-others.ts';

const REMEDIES: readonly string[] = [
  'SYN cookies: net.ipv4.tcp_syncookies = 1 (the default) lets Linux answer without keeping anything once its queue is ' +
    'full; nstat -az TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies TcpExtTCPReqQFullDrop tells whether it does, or drops.',
  'A longer queue of half-open connections: the backlog of listen() and net.core.somaxconn alike; where cookies are off ' +
    'net.ipv4.tcp_max_syn_backlog; net.ipv4.tcp_synack_retries = 2 frees each after 7 s instead of 63 s.',
  'Before the server: SYNPROXY (nft, iptables) or the protection of the provider, whose job it is where the link itself ' +
    'fills up.',
  'See who it is: forged addresses never answer and come from one way in (TTL, interface); filters against forged ' +
    'sources (BCP 38, rp_filter) belong where they come from.',
];
const NOT_TO_DO: readonly string[] = [
  'Blocking the addresses one by one: they are forged, the next SYN bears another, and some belong to somebody.',
  'tcp_syncookies = 2 for ever: cookies for all connections, also without a flood; it is for tests.',
  'A longer backlog alone: a flood fills that as well; and a more patient accept() does nothing, for no connection comes to it.',
];

/** What is said of a flood, and what it did to the others. */
export function adviceOn(flood: Flood, others: Others): Advice {
  const { syns, of, sources, unanswered } = flood;
  const isHarmful = others.late + others.unanswered > 0;
  return {
    title: `SYN flood: ${count(syns)} of ${count(of)} handshakes were never completed`,
    cause:
      `${count(syns)} SYNs from ${sources === 1 ? 'one address' : `${count(sources)} addresses`} were sent once each; ` +
      `${unanswered === 0 ? 'the server answered all of them' : `the server answered ${count(syns - unanswered)} of them`} by ` +
      'SYN-ACK, and nothing more came: no ACK, no RST, no second SYN. Each keeps a place in the queue of half-open ' +
      `connections until the server gives it up. ${othersWords(others)}` +
      `${isHarmful ? ' The flood is in the way of the others.' : ''}`,
    remedies: REMEDIES,
    notToDo: NOT_TO_DO,
  };
}

function othersWords({ atOnce, late, unanswered }: Others): string {
  if (atOnce + late + unanswered === 0) return 'No other connection was tried meanwhile.';
  if (late + unanswered === 0) return `Meanwhile all ${count(atOnce)} other connections opened at once.`;
  return `Of the others meanwhile ${count(atOnce)} opened at once, ${count(late)} late, and ${count(unanswered)} got no answer.`;
}
