import { describe, expect, it } from 'vitest';
import { LARGEST_WINDOW } from '../../../src/decode/sequence.ts';
import {
  ACCEPTED,
  CLOSED,
  ESTABLISHED,
  expectPaths,
  HALF_CLOSED,
  meaningOf,
  OPENED,
  statesFrom,
} from '../fixtures.ts';
import { runOne } from '../script.ts';

// What an RST proves, and what has to come after it to show that it did not arrive or was not sent.

const WITH_DATA = `${ESTABLISHED}
  +1    c P. 1:11 ack 1
  +0.01 s .  1    ack 11`;
/** The server closes last and has its FIN acknowledged. */
const PASSIVE = `${ACCEPTED} CLOSE_WAIT LAST_ACK CLOSED`;

describe('an RST is taken', () => {
  it.each([
    ['alone, whatever its number', '+0 c R 1', true],
    ['of a flow met under way, after data', '+0 c P. 1:11 ack 1\n+0.1 c R 11', true],
    ['at the largest window beyond them', `+0 c P. 1:11 ack 1\n+0.1 c R ${11 + LARGEST_WINDOW}`, true],
    ['but not further', `+0 c P. 1:11 ack 1\n+0.1 c R ${12 + LARGEST_WINDOW}`, false],
    ['at the largest window before them', `+0 c P. 1:11 ack 1\n+0.1 c R ${11 - LARGEST_WINDOW}`, true],
    ['but not further back', `+0 c P. 1:11 ack 1\n+0.1 c R ${10 - LARGEST_WINDOW}`, false],
    [
      'at the largest window beyond what is acknowledged',
      `${WITH_DATA}\n+1 c R ${11 + LARGEST_WINDOW}`,
      true,
    ],
    ['but not beyond it', `${WITH_DATA}\n+1 c R ${12 + LARGEST_WINDOW}`, false],
  ])('%s', (_, script, taken) => {
    expect(runOne(`isn c 3000000000 s 7\n${script}`).closeKind).toBe(taken ? 'reset' : 'open');
  });

  it('in SYN_SENT only with an ACK, also if the SYN has the last sequence number there is', () => {
    expect(runOne('isn c 4294967295\n+0 c S 0\n+0.01 s R 0').client).toBe('SYN_SENT');
    expect(runOne('isn c 4294967295\n+0 c S 0\n+0.01 s R. 0 ack 1').client).toBe('SYN_SENT CLOSED');
  });
});

describe('the state before an RST in answer to a SYN-ACK', () => {
  it.each([
    ['an abort had accepted it', 'R. 1 ack 1', 'SYN_SENT ESTABLISHED CLOSED'],
    ['where there is no connection there is no ACK', 'R 1', 'SYN_SENT CLOSED'],
    ['the ACK of another number proves nothing', 'R. 1 ack 0', 'SYN_SENT CLOSED'],
  ])('%s', (_, rst, client) => {
    const flow = runOne(`+0 c S 0\n+0.01 s S. 0 ack 1\n+0.01 c ${rst}`);
    expect(flow).toMatchObject({ client, server: 'SYN_RECEIVED CLOSED' });
  });
});

describe('what an RST means', () => {
  it.each([
    ['the first', ESTABLISHED, '+1 c R. 1 ack 1', 'RST'],
    ['another', `${ESTABLISHED}\n+1 c R. 1 ack 1`, '+0.5 c R. 1 ack 1', 'repeated RST'],
    ['with one FIN acknowledged', HALF_CLOSED, '+1 s R. 1 ack 2', 'RST'],
    ['with one FIN acknowledged, by its sender', HALF_CLOSED, '+1 c R. 2 ack 1', 'RST'],
    ['after the close, to its TIME_WAIT', CLOSED, '+1 s R 2', 'RST in TIME_WAIT'],
  ])('%s', (_, before, rst, meaning) => {
    const flow = runOne(`${before}\n${rst}`);
    expect(meaningOf(flow, flow.counts.client.segments + flow.counts.server.segments)).toBe(meaning);
  });

  it('of two, the first counts', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c R. 1 ack 1
      +0.5 c R. 1 ack 1`);
    expect(statesFrom(flow, 'client', 'CLOSED')).toEqual(['CLOSED 1.02 #4 rst-sent']);
    expect(statesFrom(flow, 'server', 'CLOSED')).toEqual(['CLOSED 1.02 #4 rst-received']);
  });
});

describe('an RST and a FIN that was not acknowledged', () => {
  it.each([
    ['of its sender, at the number after the FIN: that had arrived', '+1 c F. 1 ack 1\n+0.1 c R 2', true],
    ['of its sender, at the number of the FIN: nobody knows', '+1 c F. 1 ack 1\n+0.1 c R 1', false],
    [
      'of its receiver, that acknowledges the FIN: it had arrived',
      '+1 c F. 1 ack 1\n+0.1 s R. 1 ack 2',
      true,
    ],
    ['of its receiver, that does not', '+1 c F. 1 ack 1\n+0.1 s R. 1 ack 1', false],
  ])('%s', (_, close, arrived) => {
    const flow = runOne(`${ESTABLISHED}\n${close}`);
    expect(flow.server).toBe(arrived ? `${ACCEPTED} CLOSE_WAIT CLOSED` : `${ACCEPTED} CLOSED`);
  });

  it('without an ACK it acknowledges nothing, not even the number 0', () => {
    const flow = runOne(`isn c 4294967294 s 7
      ${ESTABLISHED}
      +1   c F. 1 ack 1
      +0.1 s R  1`);
    expect(flow.server).toBe(`${ACCEPTED} CLOSED`);
  });

  it('does not show the FIN if its receiver has received neither', () => {
    const flow = runOne(`${ESTABLISHED}
      +1   c F. 1 ack 1
      +0.1 c R. 2 ack 1
      +1   s .  1 ack 1`);
    expectPaths(flow, `${OPENED} FIN_WAIT_1 CLOSED`, ACCEPTED);
  });

  it('does not take back the FIN that was acknowledged before', () => {
    const flow = runOne(`${HALF_CLOSED}
      +1 c R. 2    ack 1
      +1 s P. 1:11 ack 1`);
    expect(flow.server).toBe(`${ACCEPTED} CLOSE_WAIT`);
  });

  it('shows the FIN, whatever of its sender is captured just after it', () => {
    const flow = runOne(`${ESTABLISHED}
      +1      c F. 1    ack 1
      +0.1    s R. 1    ack 2
      +0.0005 s P. 1:11 ack 1`);
    expect(flow.server).toBe(`${ACCEPTED} CLOSE_WAIT CLOSED`);
  });
});

describe('after an RST, its receiver continues', () => {
  // From the capture point to the server and back it takes 10 ms; half as much again, and 1 ms, is allowed for.
  it.each([
    ['as long as a round trip may take: it was under way', WITH_DATA, '+0.016 s P. 1:11 ack 11', true],
    ['later: it has not got the RST', WITH_DATA, '+0.0161 s P. 1:11 ack 11', false],
    ['at once, with a challenge ACK', WITH_DATA, '+0.001 s . 1 ack 11', false],
    ['at once, with data', WITH_DATA, '+0.001 s P. 1:11 ack 11', true],
    ['at once, with a FIN', WITH_DATA, '+0.001 s F. 1 ack 11', true],
    ['at once, with an ACK of all before the RST', WITH_DATA, '+0.001 s . 1 ack 500', true],
    ['at once, with an ACK older than its last', WITH_DATA, '+0.001 s . 1 ack 1', true],
  ])('%s', (_, before, then, arrived) => {
    const flow = runOne(`${before}\n+1 c R. 500 ack 1\n${then}`);
    expect(flow.state.server === 'CLOSED').toBe(arrived);
    expect(flow.state.client).toBe('CLOSED');
  });

  it.each([
    [0.301, true],
    [0.3011, false],
  ])('%d s later, if the round trip is not known', (pause, arrived) => {
    const flow = runOne(`
      +0    c P. 1:11 ack 1
      +0.01 s .  1    ack 11
      +1    c R. 11   ack 1
      +${pause} s P. 1:11 ack 11`);
    expect(flow.state.server === 'CLOSED').toBe(arrived);
  });

  it('with the first ACK captured of it: a challenge ACK', () => {
    const flow = runOne(`
      +0     c P. 1:11 ack 1
      +0.01  c R. 500  ack 1
      +0.001 s .  1    ack 11`);
    expect(flow.state).toEqual({ client: 'CLOSED', server: 'ESTABLISHED' });
  });
});

describe('after an RST, its sender continues', () => {
  it.each([
    ['within 3 ms: that was captured out of order', 0.003, 'CLOSED', 'CLOSED'],
    ['later: it was injected, and reached nobody', 0.0031, 'ESTABLISHED', 'ESTABLISHED'],
  ])('%s', (_, pause, client, server) => {
    const flow = runOne(`${WITH_DATA}
      +1        c R. 11    ack 1
      +${pause} c P. 11:21 ack 1`);
    expect(flow.state).toEqual({ client, server });
  });
});

it('after the close, an RST of the end in TIME_WAIT does not change what the other has been through', () => {
  expect(runOne(`${CLOSED}\n+1 c R 2`).server).toBe(PASSIVE);
});
