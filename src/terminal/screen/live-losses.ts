import type { Losses } from '../../capture/live/live-tcpdump.ts';
import { count, counted } from '../../report/units.ts';
import type { Source } from '../../run/live-source.ts';

const ASK_MS = 2000;
/** The warning is repeated when the count has grown by this factor. */
const AGAIN = 2;

/** Why nobody knows what was lost. */
const WHY_NOT: Readonly<Record<Source['via'], string>> = {
  cap: 'cap does not count them',
  tcpdump: 'tcpdump did not say how many',
  stream: 'a stream does not tell',
};

/** Asks a source every two seconds what was lost, and whether it still captures, and warns of either. */
export class LossWatch {
  readonly #source: Source;
  readonly #read: () => number;
  readonly #print: (message: string) => void;
  readonly #timer: NodeJS.Timeout;
  #losses: Losses | undefined;
  #warned = 0;
  /** Questions are asked one after the other: the answer to an earlier one must not take the place of the last. */
  #asking: Promise<void> = Promise.resolve();
  #isOver = false;
  #isStalled = false;

  /**
   * @param read packets that have come out of it until now
   * @param print puts a line where people see it
   */
  constructor(source: Source, read: () => number, print: (message: string) => void) {
    this.#source = source;
    this.#read = read;
    this.#print = print;
    this.#timer = setInterval(() => {
      this.#look();
      void this.#ask();
    }, ASK_MS);
  }

  /** What is known to be lost; undefined if nobody knows. */
  get losses(): Losses | undefined {
    return this.#losses;
  }

  /** To be called when the stream has ended: from then on `losses` are all. */
  async end(): Promise<void> {
    if (this.#isOver) return this.#asking;
    clearInterval(this.#timer);
    this.#isOver = true;
    await this.#ask();
  }

  /** What was lost in all, in words; undefined if nothing was. */
  get words(): string | undefined {
    if (this.#losses === undefined) return `packets lost: not known, as ${WHY_NOT[this.#source.via]}`;
    const { dropped, unread, countedTwice } = this.#losses;
    if (dropped === 0 && unread === 0) return undefined;
    const most = countedTwice ? 'up to ' : '';
    const parts = [
      ...(dropped > 0 ? [`${most}${count(dropped)} dropped by the kernel`] : []),
      ...(unread === undefined ? ['an unknown number not read before the end'] : []),
      ...(unread ? [`${count(unread)} not read before the end`] : []),
    ];
    return `packets lost: ${parts.join(', ')}; ${count(this.#read())} were read`;
  }

  #look(): void {
    const why = this.#source.stalled();
    if ((why !== undefined) === this.#isStalled) return;
    this.#isStalled = why !== undefined;
    this.#print(why ?? `${this.#source.via} goes on`);
  }

  #ask(): Promise<void> {
    this.#asking = this.#asking.then(async () => {
      const losses = await this.#source.losses(this.#read());
      // One that gives no answer in time will give the next, but not at its end.
      if (losses !== undefined || this.#isOver) this.#losses = losses;
      if (!this.#isOver) this.#warn();
    });
    return this.#asking;
  }

  #warn(): void {
    const dropped = this.#losses?.dropped ?? 0;
    if (dropped === 0 || dropped < this.#warned * AGAIN) return;
    this.#warned = dropped;
    this.#print(
      `the kernel has dropped ${counted(dropped, 'packet')} by now, as this machine is too busy to take them`,
    );
  }
}
