import { CLOSED_PORT, type Lab, SERVER_PORT, SERVICE_PORTS } from '../lab.ts';
import { startIdleBox } from '../network/idle-box.ts';
import { startPerHostPaws } from '../network/nat.ts';
import { run, seconds } from '../run.ts';
import type { Address } from '../truth/trace.ts';
import type { Opening, Step, Visit } from './steps.ts';

const FIRST_CLIENT_PORT = 40_001;
/** Seconds that visits may go on after the last of them began. */
const PATIENCE = 120;

/** Plays steps in a lab, any number of lists at the same time, and knows which port a connection got. */
export class Player {
  readonly #lab: Lab;
  readonly #clients = new Map<string, Address>();
  #nextPort = FIRST_CLIENT_PORT;
  #exhausted: number | undefined;

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

  /** When the client's kernel first had no port left, in epoch microseconds. */
  get exhausted_us(): number | undefined {
    return this.#exhausted;
  }

  async #do(step: Step): Promise<void> {
    switch (step.at) {
      case 'lab':
        if (step.do === 'pause') return seconds(step.seconds);
        await Promise.all(step.parts.map((part) => this.play(part)));
        return;
      case 'router':
        return this.#route(step);
      default:
        if ('conn' in step) await this.#command(step);
        else if (step.do === 'visit') await this.#visit(step.visit);
        else if (step.do === 'run') await this.#lab.run(step.at, step.program);
        else await this.#serve(step);
    }
  }

  async #route(step: Extract<Step, { at: 'router' }>): Promise<void> {
    const { router, network } = this.#lab;
    if (step.do === 'drop') router.drop(step.drop);
    else if (step.do === 'slow') router.slow(step.kbit);
    else if (step.do === 'pass') router.pass();
    else if (step.do === 'forget') router.forget(step.seconds, step.then);
    else if (step.do === 'resetIdle') await startIdleBox(network.namespaces.router, step.seconds);
    else if (step.do === 'withdraw') router.withdraw(step.side);
    else if (step.do === 'flood') router.flood(step.port, step.count);
    else if (step.do === 'remember') router.remember();
    else if (step.do === 'unplug' || step.do === 'plugIn')
      router.link(step.side, step.do === 'unplug' ? 'down' : 'up');
  }

  async #visit(visit: Visit): Promise<void> {
    const {
      ports = [SERVICE_PORTS[0]],
      ipv6 = false,
      ephemeral = false,
      fromSecond = false,
      ...manners
    } = visit;
    const { client, server } = this.#lab.network.addresses;
    const { count, rate, cycle = count, name, portsOf } = manners;
    const port = portsOf ? this.client(portsOf).port : this.#nextPort;
    if (!portsOf && !ephemeral) this.#nextPort += cycle;
    const from = { ip: ipv6 ? client.v6 : fromSecond ? client.second : client.v4, port };
    if (name !== undefined) this.#clients.set(name, from);
    const to = ports.map((each) => ({ ip: ipv6 ? server.v6 : server.v4, port: each }));
    const visits = { ...manners, to, ...(ephemeral ? {} : { from: { ...from, cycle } }) };
    const { exhausted_us } = await this.#lab.programs.client.do(
      { do: 'visit', visits },
      count / rate + PATIENCE,
    );
    this.#exhausted ??= exhausted_us;
  }

  async #serve(
    step: Exclude<Extract<Step, { at: 'server' }>, { conn: string } | { do: 'run' }>,
  ): Promise<void> {
    const { programs, network } = this.#lab;
    const { v4, v6 } = network.addresses.server;
    switch (step.do) {
      case 'hang':
        return programs.server.hang();
      case 'goOn':
        return programs.server.goOn();
      case 'perHostPaws':
        return startPerHostPaws(network);
      case 'cannotBind':
        return refuseToBind(network.namespaces.server, v4, step.port);
      case 'stopServing':
        return void (await programs.server.do(step));
      case 'serve': {
        const at = { ip: step.ipv6 ? v6 : v4, port: step.port };
        await programs.server.do({ do: 'serve', at, habits: step.habits });
      }
    }
  }

  async #command(step: Extract<Step, { conn: string }>): Promise<unknown> {
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

  async #connect(conn: string, opening: Opening): Promise<unknown> {
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

/** Binds without SO_REUSEADDR, which libuv always sets, and throws unless the address is in use. */
function refuseToBind(namespace: string, ip: string, port: number): void {
  const program = `use Socket; socket(S, PF_INET, SOCK_STREAM, 0) or die $!;
    print bind(S, sockaddr_in(${port}, inet_aton('${ip}'))) ? 'bound' : $!{EADDRINUSE} ? 'in use' : $!`;
  const outcome = run('ip', ['netns', 'exec', namespace, 'perl', '-MErrno', '-e', program]);
  if (outcome !== 'in use') throw new Error(`binding ${ip}:${port}: ${outcome}`);
}
