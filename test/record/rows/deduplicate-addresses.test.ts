import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { deduplicateAddresses } from '../../../src/record/rows/deduplicate-addresses.ts';
import { CREATE_INDEXES, CREATE_SCHEMA } from '../../../src/record/schema/schema.ts';

it('gives an address that was numbered three times its first number everywhere', () => {
  const db = new Database(':memory:');
  db.exec(CREATE_SCHEMA);
  for (const index of CREATE_INDEXES) db.exec(index);
  const address = db.prepare('INSERT INTO addresses (id, ip) VALUES (?, ?)');
  ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3', '10.0.0.1', '10.0.0.2'].forEach((ip, id) => {
    address.run(id, ip);
  });
  const flow = db.prepare('INSERT INTO flow_data (client_address, server_address) VALUES (?, ?)');
  for (const [client, server] of [
    [0, 1],
    [2, 3],
    [4, 5],
  ])
    flow.run(client, server);

  deduplicateAddresses(db, { flow: 1, address: 0 });

  const flows = db.prepare('SELECT client_address, server_address FROM flow_data ORDER BY id').raw().all();
  expect(flows).toEqual([
    [0, 1],
    [0, 3],
    [0, 1],
  ]);
  expect(db.prepare('SELECT id, ip FROM addresses ORDER BY id').raw().all()).toEqual([
    [0, '10.0.0.1'],
    [1, '10.0.0.2'],
    [3, '10.0.0.3'],
  ]);
});
