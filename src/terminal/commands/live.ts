import { type Command, Option } from 'commander';
import { VIAS, type Via } from '../../capture/live/live-error.ts';
import { DEFAULT_FILTER } from '../../capture/live/live-filter.ts';
import { SNAP_LENGTH } from '../../capture/live/live-tcpdump.ts';
import { StoreError } from '../../record/files/error.ts';
import type { Source } from '../../run/live-source.ts';
import { EXIT, printError, UsageError } from '../base/exit.ts';
import { endOnSignals, exitOnSignals } from '../base/interrupt.ts';
import { onFailedOutput } from '../base/output.ts';
import { after } from '../base/timer.ts';
import { parsePositiveDuration } from '../options/duration.ts';
import { parseTarget, wholeNumberFrom } from '../options/option-values.ts';
import { LossWatch } from '../screen/live-losses.ts';
import type { LiveShow } from '../screen/live-show.ts';

interface LiveFlags {
  db?: string;
  append?: true;
  filter: string;
  via?: Via;
  snapLength: number;
  duration?: number;
  maxFlows?: number;
  rotate?: number;
  timeWait?: string;
  kernel?: true;
  quiet?: true;
}

/** One that takes the place of another needs room for both, and for what is kept of their segments. */
const MIN_FLOWS = 16;
/** How long the user who ended a capture waits without a message; a million flows take longer. */
const PATIENCE_MS = 2000;

/** `finwait live`: connections as they close. */
export function addLive(program: Command): void {
  program
    .command('live')
    .summary('watch connections close on a network device, or in a stream of packets')
    .description(
      'Captures TCP packets, and ICMP errors about them, on a device, shows who stands in which state, who closes and who waits, and ' +
        'writes all of it into a database that other commands can ask at the same time. q or Ctrl-C ends ' +
        'the capture in order. Where standard output is no terminal, it prints one JSON line per second instead.',
    )
    .argument('<source>', 'a device (finwait devices lists them), or - for a pcap stream on standard input')
    .option(
      '-d, --db <out>',
      'the database (default: the source\'s name, the time and ".sqlite", in this folder)',
      parseTarget,
    )
    .option('-a, --append', 'add to the database, also to one whose capture was killed')
    .option(
      '--filter <bpf>',
      'which packets to capture, as tcpdump takes it; not for a stream; by default TCP and the ICMP errors about it',
      DEFAULT_FILTER,
    )
    .addOption(
      new Option(
        '--via <way>',
        "what captures: tcpdump, which has the kernel's times and counts its losses, or the package cap, which " +
          'can do neither (default: tcpdump if it is installed and permitted)',
      ).choices(VIAS),
    )
    .option('--snap-length <bytes>', 'how much of a packet is captured', wholeNumberFrom(1), SNAP_LENGTH)
    .option('--duration <time>', 'end after this time, such as 10min', parsePositiveDuration)
    .option('--rotate <time>', 'begin a new database at this interval, such as 1h', parsePositiveDuration)
    .option(
      '--max-flows <n>',
      'watch at most this many connections at once (default: 1048576)',
      wholeNumberFrom(1),
    )
    .option(
      '--time-wait <length>',
      'how long TIME_WAIT is: seconds, a system such as linux, or auto: by each SYN',
    )
    .option(
      '--kernel',
      "also record this host's kernel socket table: state and owning process of each socket (Linux)",
    )
    .option('-q, --quiet', 'show nothing but losses and errors')
    .addHelpText(
      'after',
      `
Example:
  sudo finwait live eth0
  ssh web tcpdump -n -s 128 -B 65536 -U -w - tcp | finwait live - -d web.sqlite
  finwait states web.sqlite

Exit codes: 0 ended as asked, also by Ctrl-C, 2 usage, 3 the capture or the
database failed (what was seen until then is there), 4 permission denied.
`,
    )
    .action(runLive);
}

async function dropPrivilegesFor(database: string): Promise<void> {
  const { dropPrivileges } = await import('../../capture/live/live-user.ts');
  dropPrivileges(database);
}

async function runLive(name: string, flags: LiveFlags): Promise<void> {
  if (flags.rotate !== undefined && flags.rotate < 1e6) {
    throw new UsageError('--rotate: databases are named by the second; give 1s or more');
  }
  if (flags.kernel) await checkKernel(name);
  const { Live } = await import('../../run/live.ts');
  const { openSource } = await import('../../run/live-source.ts');
  // Left to Node.js, a signal would leave the capturing process running.
  const stopExiting = exitOnSignals(() => {});
  const source = await openSource(name, flags);
  // Whose sockets are whose only root may see.
  if (name !== '-' && !flags.kernel) await dropPrivilegesFor(databaseName(name, flags));
  let capture: InstanceType<typeof Live>;
  try {
    capture = new Live({
      source: name,
      target: () => databaseName(name, flags),
      append: flags.append ?? false,
      timeWait: flags.timeWait,
      capacity: flags.maxFlows === undefined ? undefined : powerOfTwo(flags.maxFlows),
      rotateMs: flags.rotate === undefined ? undefined : flags.rotate / 1000,
      kernel: flags.kernel,
    });
  } catch (error) {
    await source.stop();
    throw error;
  }
  stopExiting();
  let stopped = false;
  const stop = () => {
    stopped = true;
    void source.stop();
  };
  const stopWatching = [endOnSignals(stop), onFailedOutput(stop)];
  if (flags.duration !== undefined) stopWatching.push(after(flags.duration / 1000, stop));
  if (!flags.quiet && source.via === 'cap') printError(limitsOfCap(source));
  let show: LiveShow | undefined;
  const losses = new LossWatch(
    source,
    () => capture.frames,
    (message) => (show ? show.say(message) : printError(message)),
  );
  capture.dropped = () => losses.losses?.dropped;
  try {
    if (!flags.quiet) {
      const { showLive } = await import('../screen/live-show.ts');
      show = await showLive(name, source, capture, { losses: () => losses.losses, stop });
    }
    const onEnd = async () => {
      await losses.end();
      show?.end();
      if (show) stopWatching.push(after(PATIENCE_MS, () => printError(`finishing ${capture.database}`)));
    };
    const { damage } = await capture.run(source.stream, { onEnd, wasStopped: () => stopped });
    const fault = (await source.fault()) ?? damage?.message;
    if (fault !== undefined) {
      printError(`${fault}; what came before is in ${capture.database}`);
      process.exitCode = EXIT.badInput;
    }
    if (capture.kernelFailure !== undefined) {
      printError(`the kernel's sockets could not be read any more: ${capture.kernelFailure.message}`);
      process.exitCode = EXIT.badInput;
    }
    sayLosses(losses, flags.quiet);
    if (!flags.quiet) await sayEnd(capture);
  } catch (error) {
    throw capture.frames > 0 ? withWhatIsKept(error, capture.database) : error;
  } finally {
    show?.end();
    await source.stop();
    await losses.end();
    for (const end of stopWatching) end();
  }
}

/** What a capture by cap cannot do, and what is to be done about it. */
function limitsOfCap({ whyCap }: Source): string {
  const why = whyCap === undefined ? '' : ` (${whyCap})`;
  return `captured by cap${why}, which loses packets on a busy machine and cannot count them; tcpdump counts its losses`;
}

/** Reports losses even with --quiet; that there were none, or that nobody knows, only without it. */
function sayLosses({ losses, words }: LossWatch, quiet = false): void {
  if (quiet && losses === undefined) return;
  if (words !== undefined) printError(words);
  else if (!quiet) printError('packets lost: none');
}

/** The tables' size for at most this many connections. */
function powerOfTwo(flows: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(flows, MIN_FLOWS)));
}

/** The kernel is that of this host, which the packets have to be of, too. */
async function checkKernel(name: string): Promise<void> {
  if (name === '-') throw new UsageError('--kernel: a stream may come from any host; name a device');
  const { CAN_SAMPLE } = await import('../../capture/kernel/kernel-sampler.ts');
  if (!CAN_SAMPLE) throw new UsageError('--kernel: only Linux shows its sockets');
}

async function sayEnd({ tracker, database, databases }: import('../../run/live.ts').Live): Promise<void> {
  const { counted } = await import('../../report/units.ts');
  const flows = counted(tracker.written, 'flow');
  printError(
    databases === 1
      ? `${flows} in ${database}; finwait report ${database} sums them up`
      : `${flows} in ${databases} databases; finwait report ${database} sums the last one up`,
  );
}

function withWhatIsKept(error: unknown, database: string): unknown {
  if (!(error instanceof StoreError)) return error;
  return new StoreError(error.path, `${error.reason}; what came before is in ${database}`, error.code);
}

/** `eth0-20261121T140500Z.sqlite`; with --rotate the time is in the name that was given, too. */
function databaseName(source: string, { db, rotate }: LiveFlags): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  if (db === undefined) return `${source === '-' ? 'live' : source}-${time}.sqlite`;
  return rotate === undefined ? db : db.replace(/(\.[^./]*)?$/, (suffix) => `-${time}${suffix}`);
}
