// Programs as people run them, with their files: servers, proxies and clients that the lab has not written.

/** Stands for the server's address in files. */
export const SERVER = '@server@';

/** What is started in the namespace of an end. */
export interface RealProgram {
  command: readonly [program: string, ...words: string[]];
  /** Written first, into the folder in which all such programs of a lab run. */
  files?: Readonly<Record<string, string>>;
  /** It goes on, and has begun once it listens on this port; of others the end is awaited. */
  listens?: number;
}

/** An HTTP server in Node.js: `/slow` takes `slowMs`, all else 2 ms. */
export function nodeServer(port: number, { keepAliveMs = 5000, slowMs = 1500 } = {}): RealProgram {
  const script = `const server = require('node:http').createServer((request, answer) => {
  request.resume();
  setTimeout(() => answer.end('.'.repeat(300)), request.url === '/slow' ? ${slowMs} : 2);
});
server.keepAliveTimeout = ${keepAliveMs};
server.listen(${port}, '0.0.0.0');
`;
  return {
    command: [process.execPath, `server-${port}.cjs`],
    files: { [`server-${port}.cjs`]: script },
    listens: port,
  };
}

/** nginx before a server: on each of these ports a pool of one connection of its own. */
export function nginxProxy(ports: readonly number[], server: string, readTimeout = '30s'): RealProgram {
  const pools = ports.map(
    (port) => `  upstream pool${port} { server ${server}; keepalive 1; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://pool${port};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout ${readTimeout};
    }
  }`,
  );
  return nginx('proxy.conf', ports[0]!, pools.join('\n'));
}

/** nginx that answers by itself. */
export function nginxServer(port: number): RealProgram {
  return nginx('server.conf', port, `  server { listen ${port}; location / { return 200 "ok\\n"; } }`);
}

/** Has the nginx of this configuration read it again: new workers begin, while the old ones finish. */
export function nginxReload(conf = 'server.conf'): RealProgram {
  return { command: ['nginx', '-p', '.', '-c', conf, '-s', 'reload'] };
}

function nginx(conf: string, listens: number, http: string): RealProgram {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `daemon off;
worker_processes 1;
user root;
pid ${conf}.pid;
error_log /dev/null;
events {}
http {
  access_log off;
${folders.map((name) => `  ${name}_temp_path ${conf}.${name};`).join('\n')}
${http}
}
`;
  return { command: ['nginx', '-p', '.', '-c', conf], files: { [conf]: text }, listens };
}

/** haproxy before a server: on each of these ports a backend of its own. */
export function haproxy(
  ports: readonly number[],
  server: string,
  { mode = 'http', checks = '', timeout = '30s' } = {},
): RealProgram {
  const backends = ports.map(
    (port) => `listen port${port}
  bind 127.0.0.1:${port}
  ${mode === 'http' ? 'http-reuse always' : 'option tcplog'}
  ${checks.startsWith('http') ? 'option httpchk GET /' : ''}
  server one ${server} ${checks === '' ? '' : 'check inter 300ms'}`,
  );
  const text = `global
  maxconn 100
defaults
  mode ${mode}
  retries 0
  timeout connect 5s
  timeout client ${timeout}
  timeout server ${timeout}
${backends.join('\n')}
`;
  return {
    command: ['haproxy', '-db', '-q', '-f', 'haproxy.cfg'],
    files: { 'haproxy.cfg': text },
    listens: ports[0]!,
  };
}

/** A client of one request after the other on each of these ports, `pauses` ms apart, whatever becomes of them. */
export function asks(ports: readonly number[], pauses: readonly number[], path = '/'): RealProgram {
  const script = `const { request } = require('node:http');
const ask = (port) => new Promise((resolve) => {
  const headers = { 'User-Agent': 'lab', Accept: '*/*', Cookie: 'session=0123456789abcdef' };
  const options = { host: '127.0.0.1', port, path: '${path}', method: 'POST', agent: false, headers };
  request(options, (answer) => answer.resume().on('close', resolve)).on('error', resolve).end('x');
});
Promise.all([${ports}].map(async (port) => {
  await ask(port);
  for (const pause of [${pauses}]) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    await ask(port);
  }
}));
`;
  return { command: [process.execPath, 'asks.cjs'], files: { 'asks.cjs': script } };
}

/** A client in Python. */
export function python(script: string): RealProgram {
  return { command: ['python3', 'client.py'], files: { 'client.py': script } };
}
