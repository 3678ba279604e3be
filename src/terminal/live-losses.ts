import type { Losses } from '../capture/live-tcpdump.ts';
import { count, counted } from '../report/units.ts';
import type { Source } from './live-source.ts';

const ASK_MS = 2000;
/** It is said again when so many times as many are lost. */
const AGAIN = 2;

/** Why nobody knows what was lost. */
const WHY_NOT: Readonly<Record<Source['via'], string>> = {
  cap: 'cap does not count them',
  tcpdump: 'tcpdump did not say how many',
  stream: 'a stream does not tell',
};

/** Asks a source now and then what was lost, and says so when it is. */
export class LossWatch {
  readonly #source: Source;
  readonly #read: () => number;
  readonly #timer: NodeJS.Timeout;
  #losses: Losses | undefined;
  #said = 0;

  /**
   * @param read packets that have come out of it until now
   * @param say puts a line where people see it
   */
  constructor(source: Source, read: () => number, say: (message: string) => void) {
    this.#source = source;
    this.#read = read;
    this.#timer = setInterval(async () => {
      await this.#ask();
      const dropped = this.#losses?.dropped ?? 0;
      if (dropped === 0 || dropped < this.#said * AGAIN) return;
      this.#said = dropped;
      say(`the kernel has dropped ${counted(dropped, 'packet')} by now: this machine is too busy for them`);
    }, ASK_MS);
  }

  /** As far as it is known: undefined where nobody knows. */
  get losses(): Losses | undefined {
    return this.#losses;
  }

  /** The stream has ended: from now on `losses` are all. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ask();
  }

  /** What was lost in all, in words; undefined where nothing was. */
  get words(): string | undefined {
    if (this.#losses === undefined) return `packets lost: not known, as ${WHY_NOT[this.#source.via]}`;
    const { received, dropped, unread } = this.#losses;
    if (dropped + unread === 0) return undefined;
    const parts = [
      ...(dropped > 0 ? [`${count(dropped)} dropped by the kernel`] : []),
      ...(unread > 0 ? [`${count(unread)} not read before the end`] : []),
    ];
    return `packets lost: ${parts.join(', ')}, of ${count(received)}`;
  }

  async #ask(): Promise<void> {
    this.#losses = await this.#source.losses(this.#read());
  }
}
