import { describe, expect, it } from 'vitest';
import { CLOSED, ESTABLISHED, HALF_CLOSED, SIDES } from '../fixtures.ts';
import { run, runOne } from '../script.ts';

// How a flow closed: its kind, the end that began it, and when it was over.

describe('the end of a close', () => {
  it.each([
    ['the last ACK', CLOSED, 1.05],
    ['the ACK of the last FIN sent again', `${CLOSED}\n+0.2 s F. 1 ack 2\n+0.01 c . 2 ack 2`, 1.26],
    ['the RST that answers the last FIN sent again', `${CLOSED}\n+9 s F. 1 ack 2\n+0.01 c R 2`, 10.06],
    ['the RST of one whose last ACK is lost', `${CLOSED}\n+0.2 s F. 1 ack 2\n+1 s R. 2 ack 2`, 2.25],
    ['an RST', `${ESTABLISHED}\n+1 c R. 1 ack 1`, 1.02],
    ['an RST after a FIN', `${HALF_CLOSED}\n+1 s R. 1 ack 2`, 2.03],
    ['the RST that refuses a SYN', '+0 c S 0\n+0.01 s R. 0 ack 1', 0.01],
    ['open while one end has sent its FIN again in vain', `${CLOSED}\n+0.2 s F. 1 ack 2`, null],
    ['open while one end goes on after the RST', `${ESTABLISHED}\n+1 c R. 1 ack 1\n+1 s P. 1:11 ack 1`, null],
    ['open with a FIN to come', HALF_CLOSED, null],
    ['open with the last ACK to come', `${HALF_CLOSED}\n+0.01 s F. 1 ack 2`, null],
  ])('is %s', (_, script, ended) => {
    expect(runOne(script).closeEnded).toBe(ended);
  });
});

describe('a close is begun by', () => {
  it('the sender of the RST that a FIN then crossed', () => {
    const flow = runOne(`${ESTABLISHED}
      +1     c R. 1 ack 1
      +0.001 s F. 1 ack 1`);
    expect(flow).toMatchObject({ closedFirst: 'client', closeStarted: 1.02, resetBy: 'client' });
  });
});

describe('the kind of a close', () => {
  it.each([
    ['one direction of a flow under way', '+0 c P. 1:11 ack 1', 'open'],
    ['a SYN that nobody answered', '+0 c S 0', 'unanswered'],
    ['a SYN answered by something else than SYN-ACK or RST', '+0 c S 0\n+0.01 s . 500 ack 77', 'open'],
    ['an RST alone', '+0 c R 1', 'reset'],
  ])('%s', (_, script, kind) => {
    expect(runOne(script)).toMatchObject({ closeKind: kind });
  });

  it('an RST alone says nothing about its reason', () => {
    expect(runOne('+0 c R 1')).toMatchObject({ resetKind: 'unknown', resetEvidence: 'none' });
  });

  it('the reason of an RST is that of its own flow', () => {
    const flows = run(`${ESTABLISHED}
      +1    c R. 1 ack 1
      reopen
      +1    c S  0
      +0.01 s R. 0 ack 1`);
    expect(flows.map(({ resetEvidence }) => resetEvidence)).toEqual(['no-data-from-peer', 'answers-syn']);
  });
});

it.each(SIDES)(
  'of two FINs that seem to have crossed nobody was first, if that of the peer of %s was never captured',
  (_, ends) => {
    const flow = runOne(`${ESTABLISHED}
    ${ends('+1 c F. 1 ack 1\n+0.01 s . 2 ack 1\n+0.01 s . 2 ack 2\n+0 c . 2 ack 2')}`);
    expect(flow).toMatchObject({ closeKind: 'fin', closedFirst: null });
  },
);
