/** What captures: the program tcpdump, which stamps and counts as the kernel does, or the package cap. */
export const VIAS = ['tcpdump', 'cap'] as const;
export type Via = (typeof VIAS)[number];

/** Why there is no live capture: the request is wrong, a program or rights are missing, or it cannot be done now. */
export type LiveProblem = 'usage' | 'missing' | 'permission' | 'failed';

/** A live capture that cannot begin. The message is one line; libpcap's own words where it has some. */
export class LiveError extends Error {
  override readonly name = 'LiveError';
  readonly problem: LiveProblem;
  /** What to do about it, as lines of text below the message. */
  readonly advice: string | undefined;

  constructor(problem: LiveProblem, message: string, advice?: string) {
    super(message);
    this.problem = problem;
    this.advice = advice;
  }
}
