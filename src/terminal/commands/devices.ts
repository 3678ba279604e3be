import type { Command } from 'commander';
import { printError } from '../base/exit.ts';
import { addFormatOptions, printAnswer, type RowsFlags } from '../options/database.ts';

/** `finwait devices`: what can be captured on. */
export function addDevices(program: Command): void {
  const command = program
    .command('devices')
    .summary('list the network devices that live can capture on')
    .description(
      'Lists the network devices: addresses, state, and the link type that a capture has. On any, frames of ' +
        'all devices are captured; what passes several of them, such as a bridge, is seen several times. ' +
        'Listing needs no rights; capturing does, and live names them.',
    );
  addFormatOptions(command)
    .addHelpText(
      'after',
      `
Example:
  finwait devices
  finwait devices --format json | jq -r '.[] | select(.state == "up").name'

Exit codes: 0 done, 2 usage.
`,
    )
    .action(runDevices);
}

async function runDevices(flags: RowsFlags): Promise<void> {
  const { listDevices } = await import('../../capture/live/devices.ts');
  const { devices, missing } = await listDevices();
  const fields = ['name', 'state', 'link_type', 'addresses'].map((name) => ({
    name,
    kind: 'plain' as const,
    head: name.replace('_', ' '),
  }));
  const rows = devices.map(({ name, state, linkType, addresses }) => [
    ...[name, state, linkType],
    addresses.join(' '),
  ]);
  await printAnswer({ fields, rows }, flags);
  if (missing !== undefined) printError(`${missing}; until then live captures by tcpdump only`);
}
