import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LiveView } from '../../../src/terminal/screen/view.ts';
import { lacks } from '../../record/program.ts';
import { ROOT } from '../finwait.ts';
import { Pty } from '../pty.ts';
import type { Order } from './screen-program.ts';
import { atClient, leakAt, viewAt } from './views.ts';

const PROGRAM = join(import.meta.dirname, 'screen-program.ts');
const TSX = join(ROOT, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs');

/** A small view, told from others by its clock. */
const small = (seconds: number) => viewAt(seconds, { states: [['ESTABLISHED', seconds, 1]] });

class Run extends Pty {
  #done = 0;

  constructor(options: ConstructorParameters<typeof Pty>[1] = {}, handled: readonly NodeJS.Signals[] = []) {
    super([process.execPath, '--import', TSX, PROGRAM, ...handled], options);
  }

  static async start(...words: ConstructorParameters<typeof Run>): Promise<Run> {
    const run = new Run(...words);
    await run.until(() => run.told.includes('ready'));
    return run;
  }

  order(order: Order): void {
    this.tell(JSON.stringify(order));
  }

  /** Gives an order and waits until the program has done it. */
  async does(order: Order): Promise<void> {
    this.order(order);
    this.#done++;
    await this.until(() => this.told.filter((line) => line === 'done').length === this.#done);
  }

  /** Draws a view and waits until it can be seen, all of it. */
  async draws(view: LiveView, clock: string): Promise<void> {
    await this.does({ draw: view });
    await this.sees(() => this.tty.text.includes(`  ${clock}  `));
  }

  /** Waits until something holds and no picture is half drawn. */
  async sees(holds: () => boolean): Promise<void> {
    await this.until(() => this.tty.isWrapping && holds());
  }
}

const isGivenBack = ({ echo, canonical }: { echo?: boolean; canonical?: boolean }) =>
  echo === true && canonical === true;

describe.skipIf(lacks('python3'))('on a terminal (needs python3)', () => {
  it('a picture takes the place of the one before, and the last one stays', async () => {
    const run = await Run.start();
    for (const seconds of [1, 2, 3]) await run.draws(small(seconds), `0:0${seconds}`);
    expect(run.tty.cursorShown).toBe(false);
    expect(await run.modesNow()).toEqual({ echo: false, canonical: false });
    await run.does({ do: 'end' });
    expect(await run.end()).toEqual({ code: 0, signal: null, echo: true, canonical: true });
    expect(run.tty.cursorShown).toBe(true);
    expect(run.tty.text).toBe(`what stood before
finwait live eth0 (tcpdump)  0:03  0 packets/s  0 flows open, 0 seen

state         clients       servers         no close complete yet
ESTABLISHED         3 +1          1

nothing lost  memory 96 MB  web.sqlite
what comes after`);
  });

  it('a picture that fills the terminal leaves a line for what comes after, and scrolls nothing twice', async () => {
    const run = await Run.start({ columns: 40, rows: 10 });
    for (const seconds of [10, 11, 12]) await run.draws(leakAt(seconds), `0:${seconds}`);
    await run.does({ do: 'end' });
    await run.end();
    expect(run.tty.text).toMatch(/^41 in CLOSE_WAIT on :8080, 12.0 s\n.*\nwhat comes after$/s);
    expect(run.tty.scrolled).toEqual(['what stood before', expect.stringContaining('0:12')]);
  });

  it('q and Ctrl-C quit', async () => {
    const run = await Run.start();
    run.type('q');
    await run.until(() => run.told.filter((line) => line === 'quit').length === 1);
    run.type('\x03');
    await run.until(() => run.told.filter((line) => line === 'quit').length === 2);
    expect(run.ended).toBeUndefined();
  });

  it('p lets the picture stand until it is pressed again', async () => {
    const run = await Run.start();
    await run.draws(small(5), '0:05');
    run.type('p');
    await run.sees(() => run.tty.text.includes('paused at 0:05'));
    const paused = run.tty.text;
    await run.does({ draw: small(6) });
    await run.does({ draw: small(8) });
    await run.sees(() => run.tty.text === paused);
    run.type('p');
    await run.sees(() => run.tty.text.includes('  0:08  '));
    expect(run.tty.text).toMatch(/^ESTABLISHED +8 \+3 /m);
  });

  it('s orders the holders; keys with an escape do nothing', async () => {
    const run = await Run.start();
    const holders = [atClient('TIME_WAIT', 9, 1), atClient('TIME_WAIT', 1, 9, '10.0.0.2')];
    await run.draws(viewAt(5, { holders }), '0:05');
    const order = () => run.tty.text.match(/10\.0\.0\.\d/g)?.join();
    expect(order()).toBe('10.0.0.1,10.0.0.2');
    run.type('s');
    await run.sees(() => order() === '10.0.0.2,10.0.0.1');
    run.type('\x1b[q\x1bOs');
    run.type('S');
    await run.sees(() => order() === '10.0.0.1,10.0.0.2');
    expect(run.told).not.toContain('quit');
  });

  it('a message goes above the picture', async () => {
    const run = await Run.start();
    await run.draws(small(1), '0:01');
    await run.does({ say: 'disk full\x1b[2J' });
    await run.draws(small(2), '0:02');
    expect(run.tty.text).toMatch(/^what stood before\ndisk full\\x1b\[2J\nfinwait live .* 0:02 /);
    expect(run.tty.text.match(/ESTABLISHED/g)).toHaveLength(1);
  });

  it.each([
    ['narrower', [80, 60], [40, 60]],
    ['lower', [80, 24], [80, 10]],
    ['smaller', [80, 24], [40, 10]],
    ['larger', [40, 10], [120, 50]],
  ] as const)(
    'a terminal that becomes %s has one picture, as large as fits',
    async (_, from, [columns, rows]) => {
      const run = await Run.start({ columns: from[0], rows: from[1] });
      await run.draws(leakAt(12), '0:12');
      const before = run.tty.text;
      run.resize(columns, rows);
      const fresh = await Run.start({ columns, rows });
      await fresh.draws(leakAt(12), '0:12');
      const picture = fresh.tty.text.slice(fresh.tty.text.search(/^.*0:12/m));
      await run.sees(() => run.tty.text !== before && run.tty.text.endsWith(picture));
      expect(run.tty.text.match(/0:12/g)).toHaveLength(1);
    },
  );

  it('without a terminal to read from there are no keys', async () => {
    const run = await Run.start({ stdin: 'null' });
    await run.draws(small(1), '0:01');
    expect(run.tty.text).toMatch(/\nCtrl-C quit$/);
    await run.does({ do: 'end' });
    expect(await run.end()).toMatchObject({ code: 0 });
    expect(run.tty.cursorShown).toBe(true);
  });
});

describe.skipIf(lacks('python3'))('the terminal is given back (needs python3)', () => {
  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])(
    'after %s, which ends the program',
    async (signal) => {
      const run = await Run.start();
      await run.draws(small(1), '0:01');
      run.kill(signal);
      const ended = await run.end();
      expect(ended).toMatchObject({ code: null, signal });
      expect([isGivenBack(ended), run.tty.cursorShown, run.tty.cursor.column]).toEqual([true, true, 0]);
    },
  );

  it('not by a signal that the program handles: it ends in order', async () => {
    const run = await Run.start({}, ['SIGTERM']);
    await run.draws(small(1), '0:01');
    run.kill('SIGTERM');
    await run.until(() => run.told.includes('caught SIGTERM'));
    await run.draws(small(2), '0:02');
    expect(run.tty.cursorShown).toBe(false);
    await run.does({ do: 'end' });
    expect(isGivenBack(await run.end())).toBe(true);
  });

  it.each([
    ['exit', 7],
    ['throw', 1],
  ] as const)('after %s', async (what, code) => {
    const run = await Run.start();
    await run.draws(small(1), '0:01');
    run.order({ do: what });
    const ended = await run.end();
    expect(ended).toMatchObject({ code });
    expect([isGivenBack(ended), run.tty.cursorShown]).toEqual([true, true]);
  });

  it('while the program is suspended, and taken again after that', async () => {
    const run = await Run.start();
    await run.draws(small(1), '0:01');
    run.kill('SIGTSTP');
    await run.until(() => run.isStopped);
    expect([isGivenBack(run.modes!), run.tty.cursorShown]).toEqual([true, true]);
    run.kill('SIGCONT');
    await run.sees(() => !run.tty.cursorShown && run.tty.text.match(/0:01/g)?.length === 2);
    expect(await run.modesNow()).toEqual({ echo: false, canonical: false });
    run.type('p');
    await run.sees(() => run.tty.text.includes('paused'));
  });
});

describe.skipIf(lacks('python3'))('a terminal that does not take what is written (needs python3)', () => {
  it('does not stop the program, and then has the newest picture', async () => {
    const run = await Run.start();
    await run.draws(small(1), '0:01');
    await run.setReading(false);
    await run.does({ draws: Array.from({ length: 500 }, (_, i) => leakAt(i)) });
    await run.setReading(true);
    // What the terminal has not taken yet it gets first; which of the next pictures is the first depends on it.
    let seconds = 1_000;
    while (!/ (16|17):\d\d /.test(run.tty.text)) await run.does({ draw: small(++seconds) });
    await run.does({ draw: small(3_661) });
    await run.does({ do: 'end' });
    await run.end();
    expect(run.tty.text).toMatch(/^what stood before\nfinwait live .* 1:01:01 .*\nwhat comes after$/s);
  });

  it('or is gone: the program ends in order', async () => {
    const run = await Run.start({}, ['SIGHUP']);
    await run.draws(small(1), '0:01');
    run.hangUp();
    await run.until(() => run.told.includes('caught SIGHUP'));
    await run.does({ draw: small(2) });
    await run.does({ do: 'end' });
    // What Node 20 says when it cannot give back a terminal that is gone comes after the program's end.
    expect(run.told.join('\n')).toContain('caught SIGHUP\ndone\ndone');
  });
});
