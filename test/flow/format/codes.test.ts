import { describe, expect, it } from 'vitest';
import { CLOSED, ESTABLISHED, HALF_CLOSED } from '../fixtures.ts';
import { runOne } from '../script.ts';

describe("Zeek's conn_state", () => {
  it.each([
    ['S0', 'SYN, no answer', '+0 c S 0'],
    ['S1', 'established, not closed', ESTABLISHED],
    ['SF', 'both FINs', CLOSED],
    ['REJ', 'SYN refused', '+0 c S 0\n+0 s R. 0 ack 1'],
    ['S2', 'FIN of the originator only', HALF_CLOSED],
    ['S3', 'FIN of the responder only', `${ESTABLISHED}\n+1 s F. 1 ack 1`],
    ['RSTO', 'the originator aborts', `${ESTABLISHED}\n+1 c R. 1 ack 1`],
    ['RSTR', 'the responder aborts', `${ESTABLISHED}\n+1 s R. 1 ack 1`],
    ['RSTOS0', 'SYN, then RST of the originator', '+0 c S 0\n+1 c R 1'],
    ['RSTRH', 'SYN-ACK, then RST of the responder; no SYN seen', '+0 s S. 0 ack 1\n+1 s R. 1 ack 1'],
    ['SH', 'SYN, then FIN of the originator; no answer seen', '+0 c S 0\n+1 c F. 1 ack 1'],
    ['SHR', 'SYN-ACK, then FIN of the responder; no SYN seen', '+0 s S. 0 ack 1\n+1 s F. 1 ack 1'],
    ['OTH', 'mid-stream traffic', '+0 c P. 1:11 ack 1\n+0 s . 1 ack 11'],
  ])('%s: %s', (state, _, script) => {
    expect(runOne(script).zeek).toBe(state);
  });

  it('SF stays SF when an RST follows', () => {
    expect(runOne(`${CLOSED}\n+1 s R 2`).zeek).toBe('SF');
  });
});

describe("Zeek's history", () => {
  it.each([
    ['upper case is the originator, each letter once', CLOSED, 'ShAFaf'],
    ['data', `${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+1 s P. 1:11 ack 11\n+1 c P. 11:21 ack 11`, 'ShADd'],
    ['a FIN with data is both', `${ESTABLISHED}\n+1 c FP. 1:11 ack 1`, 'ShADF'],
    ['a FIN of the same number comes once', `${ESTABLISHED}\n+1 c F. 1 ack 1\n+1 c F. 1 ack 1`, 'ShAF'],
    ['an RST', `${ESTABLISHED}\n+1 s R. 1 ack 1`, 'ShAr'],
    ['FIN and RST at once are inconsistent', `${ESTABLISHED}\n+1 c FR. 1 ack 1`, 'ShAI'],
    ['SYN and FIN at once are multi-flag', '+0 c SF 0', 'Q'],
    ['the responder first turns the flow round', '+0 s S. 0 ack 1\n+0 c . 1 ack 1', '^hA'],
    ['a retransmission', `${ESTABLISHED}\n+1 c P. 1:11 ack 1\n+1 c P. 1:11 ack 1`, 'ShADT'],
    ['a zero window', `${ESTABLISHED}\n+1 s . 1 ack 1 win 0`, 'ShAaw'],
    [
      'a zero window amid steady data',
      `${ESTABLISHED}
       +1 c P. 1:11  ack 1
       +0 s P. 1:11  ack 11
       +0 c P. 11:21 ack 11
       +0 s .  11    ack 21
       +0 c P. 21:31 ack 11
       +0 s .  11    ack 31 win 0`,
      'ShADdaw',
    ],
    [
      'retransmissions again at the tenth',
      [ESTABLISHED, ...Array.from({ length: 11 }, () => '+1 c P. 1:11 ack 1')].join('\n'),
      'ShADTT',
    ],
  ])('%s', (_, script, history) => {
    expect(runOne(script).history).toBe(history);
  });

  it('is bounded', () => {
    const fins = Array.from({ length: 100 }, (_, i) => `+1 c F. ${i * 2 + 1} ack 1`);
    expect(runOne([ESTABLISHED, ...fins].join('\n')).history.length).toBeLessThanOrEqual(32);
  });
});

describe("Wireshark's completeness", () => {
  const [SYN, SYN_ACK, ACK, DATA, FIN, RST] = [1, 2, 4, 8, 16, 32] as const;

  it.each([
    ['SYN', '+0 c S 0', SYN],
    ['handshake', ESTABLISHED, SYN + SYN_ACK + ACK],
    ['handshake and close', CLOSED, SYN + SYN_ACK + ACK + FIN],
    ['data in between', `${ESTABLISHED}\n+1 c P. 1:11 ack 1`, SYN + SYN_ACK + ACK + DATA],
    ['refused: the RST counts, its ACK as an ACK', '+0 c S 0\n+0 s R. 0 ack 1', SYN + ACK + RST],
    ['RST without ACK', '+0 c S 0\n+0 c R 1', SYN + RST],
    ['a FIN counts only with an ACK', '+0 c S 0\n+0 c F 1', SYN],
    ['data with an ACK is no ACK', '+0 c P. 1:11 ack 1\n+0 s P. 1:11 ack 11', DATA],
    ['data on a SYN', '+0 c S 0:10\n+0 s S. 0 ack 11', SYN + SYN_ACK + DATA],
    ['mid-stream', '+0 c P. 1:11 ack 1\n+0 s . 1 ack 11', DATA + ACK],
    ['one segment that is no SYN', '+0 c P. 1:11 ack 1', 0],
    ['one SYN-ACK', '+0 s S. 0 ack 1', 0],
  ])('%s', (_, script, bits) => {
    expect(runOne(script).completeness).toBe(bits);
  });
});
