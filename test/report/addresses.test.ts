import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressIds, parseNetwork } from '../../src/report/addresses.ts';

/** A database of these addresses, numbered from 0. */
function databaseOf(ips: readonly string[]): Database.Database {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE addresses (id INTEGER PRIMARY KEY, ip TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO addresses VALUES (?, ?)');
  for (const [i, ip] of ips.entries()) insert.run(i, ip);
  return db;
}

const IPS = [
  '10.0.0.1',
  '10.0.0.10',
  '10.0.1.1',
  '10.1.0.1',
  '11.0.0.1',
  '::1',
  '2001:db8::1',
  '2001:db9::1',
];

describe('the addresses of a network', () => {
  it.each([
    ['10.0.0.1', [0]],
    ['10.0.0.0/24', [0, 1]],
    ['10.0.0.0/23', [0, 1, 2]],
    ['10.0.0.5/29', [0]],
    ['10.0.0.0/8', [0, 1, 2, 3]],
    ['10.0.0.0/7', [0, 1, 2, 3, 4]],
    ['0.0.0.0/0', [0, 1, 2, 3, 4]],
    ['::/0', [5, 6, 7]],
    ['::1', [5]],
    ['2001:db8::/32', [6]],
    ['2001:0DB8:0::/31', [6, 7]],
    ['192.0.2.1', []],
  ])('%s', (text, expected) => {
    expect(addressIds(databaseOf(IPS), parseNetwork(text)!)).toEqual(expected);
  });

  it('any IPv4 network: as its bits say', () => {
    const address = fc.integer({ min: 0, max: 0xffffffff });
    const text = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
    fc.assert(
      fc.property(
        fc.uniqueArray(address, { minLength: 1 }),
        fc.nat(32),
        fc.nat(32),
        (numbers, prefix, near) => {
          const network = numbers[0]!;
          const all = [...new Set([...numbers, (network ^ (1 << near)) >>> 0])];
          const isIn = (n: number) => prefix === 0 || (n ^ network) >>> (32 - prefix) === 0;
          const found = addressIds(databaseOf(all.map(text)), parseNetwork(`${text(network)}/${prefix}`)!);
          const expected = all.flatMap((n, i) => (isIn(n) ? [i] : []));
          expect(found.toSorted((a, b) => a - b)).toEqual(expected);
        },
      ),
    );
  });

  it.each(['', 'web', '10.0.0', '10.0.0.0/33', '::/129', '10.0.0.1/', 'fe80::1%eth0'])(
    '%j is none',
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );
});
