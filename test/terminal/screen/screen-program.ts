// A program for the tests of the screen: it does what its orders on file descriptor 3 say, a JSON value a
// line, and reports on standard error. Its arguments are the signals that it handles itself.
import { Socket } from 'node:net';
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { styles } from '../../../src/report/style.ts';
import { Screen } from '../../../src/terminal/screen/screen.ts';
import type { LiveView } from '../../../src/terminal/screen/view.ts';

/** The request to the program. */
export type Order =
  | { draw: LiveView }
  | { draws: LiveView[] }
  | { say: string }
  | { do: 'end' | 'exit' | 'throw' };

const tell = (text: string) => process.stderr.write(`${text}\n`);
const orders = new Socket({ fd: 3 });

// The terminal may be gone: that is one of the cases.
stdout.on('error', () => undefined);
stdout.write('what stood before\n');
for (const signal of process.argv.slice(2)) process.on(signal, () => tell(`caught ${signal}`));
const screen = new Screen({
  output: stdout,
  input: stdin,
  onQuit: () => tell('quit'),
  style: styles(false),
});

createInterface({ input: orders }).on('line', (line) => {
  const order = JSON.parse(line) as Order;
  if ('draw' in order) screen.draw(order.draw);
  else if ('draws' in order) for (const view of order.draws) screen.draw(view);
  else if ('say' in order) screen.say(order.say);
  else if (order.do === 'exit') process.exit(7);
  else if (order.do === 'throw') throw new Error('thrown');
  else {
    screen.end();
    screen.end();
    orders.destroy();
    stdout.write('what comes after\n');
  }
  tell('done');
});
tell('ready');
