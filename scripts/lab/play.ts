import { CLOSED_PORT, type Lab, SERVER_PORT } from './lab.ts';
import { seconds } from './run.ts';
import type { Opening, Step } from './steps.ts';
import type { Address } from './trace.ts';

const FIRST_CLIENT_PORT = 40_001;

/** Plays steps in a lab, any number of lists at the same time, and knows which port a connection got. */
export class Player {
  readonly #lab: Lab;
  readonly #clients = new Map<string, Address>();
  #nextPort = FIRST_CLIENT_PORT;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Does the steps one after the other; rejects at the first that fails. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#do(step);
  }

  /** The client's address of a connection that was opened or tried. */
  client(conn: string): Address {
    const address = this.#clients.get(conn);
    if (address === undefined) throw new Error(`no connection ${conn}`);
    return address;
  }

  #do(step: Step): Promise<void> {
    switch (step.at) {
      case 'lab':
        if (step.do === 'pause') return seconds(step.seconds);
        return Promise.all(step.steps.map((each) => this.#do(each))).then(() => {});
      case 'router':
        return this.#route(step);
      default:
        return this.#command(step);
    }
  }

  async #route(step: Extract<Step, { at: 'router' }>): Promise<void> {
    const { router } = this.#lab;
    if (step.do === 'drop') router.drop(step.drop);
    else if (step.do === 'pass') router.pass();
    else router.slow(step.kbit);
  }

  async #command(step: Exclude<Step, { at: 'lab' | 'router' }>): Promise<void> {
    const program = this.#lab.programs[step.at];
    const { conn } = step;
    switch (step.do) {
      case 'connect':
        return this.#connect(conn, step.opening);
      case 'accept':
        return program.do({ do: 'accept', conn, from: this.client(conn), reading: !step.unread });
      case 'send':
        return program.do({ do: 'send', conn, bytes: step.bytes });
      case 'receives':
        return program.do({ do: 'received', conn, bytes: step.bytes });
      case 'keepAlive':
        return program.do({ do: 'keepAlive', conn, seconds: step.seconds });
      case 'reads':
        return program.do({ do: 'read', conn });
      case 'seesEnd':
        return program.do({ do: 'ended', conn });
      case 'isReset':
        return program.do({ do: 'gone', conn });
      default:
        return program.do({ do: step.do, conn });
    }
  }

  async #connect(conn: string, opening: Opening): Promise<void> {
    const { ipv6 = false, unread = false, portOf, fails, wait = true, closedPort = false } = opening;
    const { client, server } = this.#lab.network.addresses;
    const family = ipv6 ? 'v6' : 'v4';
    const from = { ip: client[family], port: portOf ? this.client(portOf).port : this.#nextPort++ };
    this.#clients.set(conn, from);
    const done = this.#lab.programs.client.do({
      do: 'connect',
      conn,
      from,
      to: { ip: server[family], port: closedPort ? CLOSED_PORT : SERVER_PORT },
      reading: !unread,
      wait,
    });
    if (fails === undefined) return done;
    const outcome = await done.then(
      () => 'success',
      (error: Error) => error.message,
    );
    if (outcome !== fails) throw new Error(`connect ${conn}: ${outcome} instead of ${fails}`);
  }
}
