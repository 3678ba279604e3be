import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { finwait } from '../finwait.ts';

interface Row {
  name: string;
  state: string | null;
  link_type: string | null;
  addresses: string;
}

const noCap = 'Cannot find package cap';
const noLibpcap = 'libpcap.so.0.8: cannot open shared object file: No such file or directory';

/** Has loading cap fail with that message. */
function failing(message: string): NodeJS.ProcessEnv {
  const hooks = `export const resolve = async (name, context, next) => {
    if (name === 'cap') throw new Error('${message}');
    return next(name, context);
  };`;
  const register = `import { register } from 'node:module'; register('${dataUrl(hooks)}');`;
  return { NODE_OPTIONS: `--import=${dataUrl(register)}` };
}

function dataUrl(script: string): string {
  return `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`;
}

const onLinux = it.skipIf(!existsSync('/sys/class/net/lo'));

it('lists names and addresses as the system has them', () => {
  const { code, stdout } = finwait(['devices', '--format', 'json']);
  expect(code).toBe(0);
  const rows: Row[] = JSON.parse(stdout);
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const row = rows.find((each) => each.name === name);
    expect(row?.addresses.split(' ').sort(), name).toEqual(addresses.map(({ address }) => address).sort());
  }
});

onLinux('knows the loopback device and any', () => {
  const rows: Row[] = JSON.parse(finwait(['devices', '--format', 'json']).stdout);
  expect(rows).toContainEqual(expect.objectContaining({ name: 'lo', state: 'up', link_type: 'ETHERNET' }));
  expect(rows).toContainEqual({ name: 'any', state: null, link_type: 'LINUX_SLL', addresses: '' });
});

it.each([
  [noCap, 'the package cap is not installed: install the headers of libpcap'],
  [noLibpcap, 'libpcap is not installed: install libpcap0.8'],
])('without cap it lists the same, and says what to install: %s', (message, hint) => {
  const { code, stdout, stderr } = finwait(['devices', '-f', 'json'], { env: failing(message) });
  const byName = (rows: Row[]) =>
    rows
      .map((row) => ({ ...row, addresses: row.addresses.split(' ').sort() }))
      .sort((x, y) => x.name.localeCompare(y.name));
  expect(code).toBe(0);
  expect(stderr).toMatch(`finwait: ${hint}`);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(byName(JSON.parse(stdout))).toEqual(byName(JSON.parse(finwait(['devices', '-f', 'json']).stdout)));
});

it('live says so too, and that tcpdump is left', () => {
  const words = ['live', 'lo', '--via', 'cap', '--db', '/nonexistent/x.sqlite'];
  const { code, stderr } = finwait(words, { env: failing(noCap) });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^finwait: the package cap is not installed: .*or install tcpdump and use --via tcpdump\n$/,
    ),
  });
});
