import { expect, it } from 'vitest';
import { parseSsLine } from './truth/sockets.ts';

it.each([
  [
    'TIME-WAIT  0      0           10.9.1.2:40001    10.9.2.2:8080',
    { state: 'TIME_WAIT', local: { ip: '10.9.1.2', port: 40001 }, remote: { ip: '10.9.2.2', port: 8080 } },
  ],
  [
    'FIN-WAIT-2 0      0      [fd00:9:1::2]:40001 [fd00:9:2::2]:8080 timer:(timewait,59sec,0)',
    {
      state: 'FIN_WAIT_2',
      local: { ip: 'fd00:9:1::2', port: 40001 },
      remote: { ip: 'fd00:9:2::2', port: 8080 },
    },
  ],
  [
    'TIME-WAIT 0 0 [::ffff:10.9.2.2]%eth0:8080 [::ffff:10.9.1.2]:40001',
    { state: 'TIME_WAIT', local: { ip: '10.9.2.2', port: 8080 }, remote: { ip: '10.9.1.2', port: 40001 } },
  ],
  [
    'SYN-RECV 0 0 10.9.2.2:8080 10.9.1.2:40001',
    { state: 'SYN_RECEIVED', local: { ip: '10.9.2.2', port: 8080 }, remote: { ip: '10.9.1.2', port: 40001 } },
  ],
  [
    'ESTAB 0 0 10.9.1.2:40001 10.9.2.2:8080',
    { state: 'ESTABLISHED', local: { ip: '10.9.1.2', port: 40001 }, remote: { ip: '10.9.2.2', port: 8080 } },
  ],
  ['LISTEN 0 4096 10.9.2.2:8080 0.0.0.0:*', null],
  ['', null],
])('reads the socket table line %j', (line, socket) => {
  expect(parseSsLine(line)).toEqual(socket);
});
