// Makes a fresh clone ready to run: packages, native modules, the compiled program. Runs before
// `npm start` and `npm test`; silent and quick where nothing is to do. With --build-only, as npm's
// `prepare`, it leaves packages alone that are there: npm is at work on them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

const COMPILER = at('node_modules', 'rolldown');
const BUILD = at('scripts', 'build.mjs');
const BUILT = at('dist', '.built');
const PCAP_HEADER = '/usr/include/pcap.h';

const buildOnly = process.argv.includes('--build-only');
const installed = modified(at('node_modules', '.package-lock.json'));

if (installed === 0 || (!buildOnly && installed < modified(at('package-lock.json')))) {
  installHeaders();
  installPackages();
}
if (!buildOnly) {
  buildNative('better-sqlite3', 'better_sqlite3.node', 'install python3, make and g++, then try again');
}
if (newest(at('src'), BUILD) > modified(BUILT)) compile();

/** libpcap's header, for live capture; everything else works without it. */
function installHeaders() {
  if (existsSync(PCAP_HEADER) || process.platform !== 'linux') return;
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (mayInstall) {
    say('installing libpcap-dev, for live capture');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['install', '-y', '-qq', '--no-install-recommends', 'libpcap-dev'];
    if (spawnSync('apt-get', install, { env, stdio: 'ignore' }).status !== 0) {
      spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
      spawnSync('apt-get', install, { env, stdio: 'ignore' });
    }
  }
  if (!existsSync(PCAP_HEADER)) say('no libpcap headers (libpcap-dev): going on without live capture by cap');
}

function installPackages() {
  say('installing packages (npm ci); better-sqlite3 compiles for about a minute');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed');
}

/** Compiles a package whose install script did not run. */
function buildNative(name, file, remedy) {
  if (existsSync(at('node_modules', name, 'build', 'Release', file))) return;
  say(`compiling ${name}, about a minute`);
  run('npm', ['rebuild', name, '--loglevel=error'], `${name} did not compile: ${remedy}`);
  if (!existsSync(at('node_modules', name, 'build', 'Release', file)))
    fail(`${name} did not compile: ${remedy}`);
}

function compile() {
  if (!existsSync(COMPILER)) {
    if (existsSync(at('dist', 'main.js'))) return;
    fail('the program is not compiled and there is no compiler: run npm ci, then npm run build');
  }
  say('compiling finwait');
  run(process.execPath, [BUILD], 'finwait did not compile');
  writeFileSync(BUILT, '');
}

/** Time of the latest change to any of the files, and of the files in the folders. */
function newest(...paths) {
  return Math.max(
    ...paths.map((path) => {
      if (!statSync(path).isDirectory()) return modified(path);
      return Math.max(modified(path), ...readdirSync(path).map((name) => newest(join(path, name))));
    }),
  );
}

function run(command, args, complaint) {
  try {
    execFileSync(command, args, { cwd: root, env: localEnvironment(), stdio: ['ignore', 2, 2] });
  } catch {
    fail(complaint);
  }
}

/** Within `npm install -g .` npm would install the packages globally, too. */
function localEnvironment() {
  const { npm_config_global, npm_config_location, npm_config_prefix, npm_config_allow_scripts, ...env } =
    process.env;
  return env;
}

/** On standard error: `npm start -- query ...` has its rows on standard output. */
function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(1);
}
