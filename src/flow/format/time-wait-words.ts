import { wordTable } from './word-table.ts';

// How TIME_WAITs ended, and whose length was expected.

export const TIME_WAIT_END_WORDS = wordTable({
  about: 'What ended a TIME_WAIT.',
  columns: ['time_waits.ended_by'],
  words: [
    {
      word: 'reopened',
      meaning: 'a new connection of the same addresses and ports took its place',
      note: 'a new connection took its place',
      sentence: 'until a new connection took its place',
    },
    {
      word: 'reset',
      meaning: 'an RST killed it (RFC 1337)',
      note: 'RST',
      sentence: 'until RST ended it (RFC 1337)',
    },
    {
      word: 'refused',
      meaning: 'its holder answered a late segment with RST: it was gone by then',
      note: 'its holder refused a late segment: it was over',
      sentence: 'then RST showed that it was gone',
    },
    {
      word: 'expired',
      meaning: 'its expected length passed inside the capture',
      note: 'its expected length has passed, which no packet shows',
      sentence: 'its expected length passed inside the capture',
    },
    {
      word: 'capture-end',
      meaning: 'nothing: the capture ended first',
      note: 'none: it stood when the capture ended',
      sentence: 'until the capture ended',
    },
    {
      word: 'evicted',
      meaning: 'nothing: the flow was evicted early to bound memory',
      note: 'none: its flow was evicted to save memory',
      sentence: 'until finwait evicted the flow',
    },
    {
      word: 'kernel',
      meaning: "its time: the host's own table of sockets (live --kernel) had it no more",
      note: "its time: its host's table of sockets had it no more",
      sentence: 'then it was gone',
    },
  ],
});

export const TIME_WAIT_EVIDENCE_WORDS = wordTable({
  about: "What is known of a TIME_WAIT's end.",
  columns: ['time_waits.evidence'],
  words: [
    { word: 'none', meaning: 'nothing: the capture, or the watching, ended first', sentence: '' },
    { word: 'profile', meaning: 'its expected length has passed', sentence: 'no packet shows it' },
    {
      word: 'syn-accepted',
      meaning: 'a SYN of the same addresses and ports was accepted',
      sentence: 'its SYN was accepted',
    },
    {
      word: 'isn-65537',
      meaning: "the new connection's ISN is the old snd_nxt + 65537: Linux has recycled the TIME_WAIT",
      sentence: "the new ISN is the old one's next number + 65537, so Linux has recycled it",
    },
    {
      word: 'rst-received',
      meaning: 'an RST at rcv_nxt reached it',
      sentence: 'that RST was at the sequence number it expected',
    },
    {
      word: 'rst-sent',
      meaning: 'it answered a late segment with RST: it was gone by then',
      sentence: 'a late segment was answered by RST',
    },
    {
      word: 'kernel',
      meaning: "the host's own table of sockets (live --kernel)",
      sentence: "by its host's own table of sockets",
    },
  ],
});

export const PROFILE_WORDS = wordTable({
  about: 'Whose TIME_WAIT length was expected.',
  columns: ['time_waits.profile'],
  words: [
    { word: 'given', meaning: 'seconds that the user gave', sentence: 'the length that was given' },
    { word: 'rfc', meaning: '240 s: twice the MSL of RFC 9293', sentence: '2 MSL of RFC 9293' },
    { word: 'linux', meaning: '60 s, fixed in the kernel', sentence: 'Linux' },
    { word: 'macos', meaning: '30 s, twice net.inet.tcp.msl', sentence: 'macOS' },
    { word: 'freebsd', meaning: '60 s, twice net.inet.tcp.msl', sentence: 'FreeBSD' },
    { word: 'solaris', meaning: '60 s, tcp_time_wait_interval', sentence: 'Solaris' },
    { word: 'windows', meaning: '120 s, TcpTimedWaitDelay', sentence: 'Windows' },
  ],
});

export const PROFILE_EVIDENCE_WORDS = wordTable({
  about: 'Why that profile was taken.',
  columns: ['time_waits.profile_evidence'],
  words: [
    {
      word: 'default',
      meaning: 'nothing else was given or known',
      note: 'the default',
      sentence: 'the default',
    },
    { word: 'given', meaning: 'the user gave it', note: 'as given', sentence: 'as given' },
    {
      word: 'syn',
      meaning: "the endpoint's SYN or SYN-ACK speaks for it",
      note: 'by their SYNs',
      sentence: 'as its SYN looks',
    },
  ],
});

export const STACK_WORDS = wordTable({
  about:
    'Operating systems distinguished by the SYN fingerprint (option layout and initial TTL, as p0f does).',
  columns: ['flows.client_stack', 'flows.server_stack'],
  words: [
    { word: 'linux', meaning: '' },
    { word: 'macos', meaning: '' },
    { word: 'freebsd', meaning: '' },
    { word: 'solaris', meaning: '' },
    { word: 'windows', meaning: '' },
  ],
});
