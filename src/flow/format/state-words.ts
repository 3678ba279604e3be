import { wordTable } from './word-table.ts';

// The ends of a flow, their states, and the evidence for both.

export const ENDPOINT_WORDS = wordTable({
  about: 'The two ends.',
  columns: ['flows.reset_by'],
  words: [
    { word: 'client', meaning: '' },
    { word: 'server', meaning: '' },
  ],
});

export const CLOSED_FIRST_WORDS = wordTable({
  about: 'Whose FIN or RST began the close.',
  columns: ['flows.closed_first'],
  words: [
    { word: 'client', meaning: '', note: '' },
    { word: 'server', meaning: '', note: '' },
    { word: 'both', meaning: '', note: 'their FINs crossed' },
  ],
});

export const STATE_WORDS = wordTable({
  about: 'The states of RFC 9293, and that nothing shows in which of them an end is.',
  columns: ['state_intervals.state', 'flows.client_state', 'flows.server_state'],
  words: [
    { word: 'SYN_SENT', meaning: 'it has sent a SYN and waits for the answer' },
    { word: 'SYN_RECEIVED', meaning: 'it has answered a SYN and waits for the acknowledgment' },
    { word: 'ESTABLISHED', meaning: 'open; data can flow both ways' },
    { word: 'FIN_WAIT_1', meaning: 'it has closed: its FIN is sent and not yet acknowledged' },
    { word: 'FIN_WAIT_2', meaning: "its FIN is acknowledged; it waits for the peer's" },
    { word: 'CLOSING', meaning: 'two FINs crossed; it waits for the acknowledgment of its own' },
    { word: 'TIME_WAIT', meaning: 'both directions are closed; it waits for late segments to die out' },
    { word: 'CLOSE_WAIT', meaning: 'the peer has closed; it waits for its own program to close' },
    { word: 'LAST_ACK', meaning: 'it has closed after its peer and waits for the last acknowledgment' },
    { word: 'UNKNOWN', meaning: 'what was captured does not show in which state it is' },
    { word: 'CLOSED', meaning: 'over' },
  ],
});

export const STATE_EVIDENCE_WORDS = wordTable({
  about: 'On what ground a state counts as entered at its time.',
  columns: ['state_intervals.evidence'],
  words: [
    { word: 'none', meaning: 'nothing is known', sentence: 'nothing noted' },
    {
      word: 'sent',
      meaning: "the endpoint's own segment was captured (a FIN, SYN or RST it sent)",
      sentence: 'its own segment was captured',
    },
    {
      word: 'acked',
      meaning: 'the segment to it was captured, and its own acknowledgment shows that it arrived',
      sentence: 'its ACK shows what it had got',
    },
    {
      word: 'seen',
      meaning: 'the segment to it was captured; nothing it did afterwards speaks against its arrival',
      sentence: 'the segment to it was captured',
    },
    {
      word: 'implied',
      meaning: 'what it did next is possible only in this state',
      sentence: 'what it did next shows it',
    },
    {
      word: 'inferred',
      meaning: 'the segment was never captured; the acknowledgment of it was',
      sentence: 'its segment is missing, the ACK of it is not',
    },
    {
      word: 'mid-stream',
      meaning: 'the flow was under way when its first segment was captured',
      sentence: 'open before the capture began',
    },
    {
      word: 'timer',
      meaning: 'the expected time of the state passed inside the capture',
      sentence: 'the expected length passed',
    },
    { word: 'rst-sent', meaning: 'it sent an RST', sentence: 'it sent RST' },
    {
      word: 'rst-received',
      meaning: 'an acceptable RST to it was captured and it fell silent',
      sentence: 'RST came, and it fell silent',
    },
    {
      word: 'reopened',
      meaning: 'a new connection of the same addresses and ports took its place',
      sentence: 'a new connection took its place',
    },
    {
      word: 'kernel',
      meaning: "the host's own table of sockets (live --kernel) had it so, or no more",
      sentence: "its host's table of sockets shows it",
    },
    {
      word: 'gave-up',
      meaning: 'it had to repeat its last segment and fell silent, while others of its host were captured',
      sentence: 'it no longer repeated its last segment',
    },
    {
      word: 'hole',
      meaning:
        'segments are missing from the capture there, which may have been its own, or acknowledged its FIN',
      sentence: 'segments are missing from the capture there',
    },
    {
      word: 'filtered',
      meaning: 'the capture holds no segment without data: a FIN or ACK alone could not be in it',
      sentence: 'the capture holds segments with data only',
    },
  ],
});

export const ROLE_EVIDENCE_WORDS = wordTable({
  about: 'What decided which end is the client.',
  columns: ['flows.role_evidence'],
  words: [
    { word: 'syn', meaning: 'the client sent the SYN', sentence: '' },
    {
      word: 'syn-ack',
      meaning: 'the SYN-ACK went to it',
      sentence: 'The SYN was not captured: the SYN-ACK says who is the client.',
    },
    {
      word: 'lower-port',
      meaning: 'a guess: the server has the lower port',
      sentence: 'No SYN was captured: that the lower port is the server is a guess.',
    },
    {
      word: 'first-segment',
      meaning: 'a guess: the client sent the first segment that was captured',
      sentence: 'No SYN was captured: that the client sent the first segment is a guess.',
    },
  ],
});
