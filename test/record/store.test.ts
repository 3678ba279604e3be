import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../src/record/files/error.ts';
import { openForReading } from '../../src/record/open-database.ts';
import { openStore } from '../../src/record/store.ts';
import { batchOf, captureOf } from './batches.ts';
import { opened, temporaryFolder } from './database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from './flows.ts';
import { canMount } from './program.ts';

const isRoot = process.getuid?.() === 0;

/** Writes flows to a database through the store. */
async function store(path: string, flows: (typeof FIN_FLOW)[], append = false): Promise<void> {
  const opened = await openStore(path, { append, again: true });
  opened.write(batchOf(flows));
  await opened.finish([captureOf()]);
}

const countFlows = (path: string) => opened(path).prepare('SELECT count(*) FROM flows').pluck().get();

describe('writing', () => {
  it('puts the database in place when it is finished, not before', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'new.sqlite');
    const writing = await openStore(path, { append: false });
    writing.write(batchOf([FIN_FLOW]));
    expect(existsSync(path)).toBe(false);
    await writing.finish([captureOf()]);
    expect(readdirSync(folder)).toEqual(['new.sqlite']);
    expect(countFlows(path)).toBe(1);
  });

  it('takes more batches than may wait, also from a reader that does not wait', async () => {
    const path = join(temporaryFolder(), 'many.sqlite');
    const writing = await openStore(path, { append: false });
    const write = () => writing.write({ ...batchOf([FIN_FLOW]), addresses: none() });
    const isFull = () => Promise.race([writing.drained().then(() => false), setImmediate(true)]);
    for (let i = 0; i < 3; i++) write();
    expect(await isFull()).toBe(false);
    for (let i = 3; i < 40; i++) write();
    expect(await isFull()).toBe(true);
    await writing.drained();
    await writing.finish([captureOf()]);
    expect(countFlows(path)).toBe(40);
  });

  it('replaces a finwait database', async () => {
    const path = join(temporaryFolder(), 'old.sqlite');
    await store(path, [FIN_FLOW, LEAK_FLOW]);
    await store(path, [FIN_FLOW]);
    expect(countFlows(path)).toBe(1);
  });

  it('replaces the file a link points to, not the link', async () => {
    const folder = temporaryFolder();
    await store(join(folder, 'real.sqlite'), [FIN_FLOW, LEAK_FLOW]);
    symlinkSync('real.sqlite', join(folder, 'link.sqlite'));
    await store(join(folder, 'link.sqlite'), [FIN_FLOW]);
    expect(countFlows(join(folder, 'real.sqlite'))).toBe(1);
  });

  it('takes an empty file for a free place', async () => {
    const path = join(temporaryFolder(), 'empty.sqlite');
    writeFileSync(path, '');
    await store(path, [FIN_FLOW]);
    expect(countFlows(path)).toBe(1);
  });

  it('leaves the old database alone when given up', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'old.sqlite');
    await store(path, [FIN_FLOW, LEAK_FLOW]);
    const before = readFileSync(path);
    const writing = await openStore(path, { append: false });
    writing.write(batchOf([FIN_FLOW]));
    await writing.abort();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['old.sqlite']);
  });
});

describe('appending', () => {
  it('goes on with the numbers of flows, captures, addresses and frames', async () => {
    const path = join(temporaryFolder(), 'grown.sqlite');
    await store(path, [FIN_FLOW]);
    await store(path, [RESET_FLOW, FIN_FLOW], true);
    const db = opened(path);
    const flows = db
      .prepare('SELECT id, capture_id, client_ip, server_ip, first_frame FROM flows')
      .raw()
      .all();
    expect(flows).toEqual([
      [1, 1, '10.0.0.1', '10.0.0.2', 1],
      [2, 2, '10.0.0.9', '10.0.0.2', 1],
      [3, 2, '10.0.0.1', '10.0.0.2', 1],
    ]);
    expect(db.prepare('SELECT ip FROM addresses ORDER BY id').pluck().all()).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.9',
    ]);
    expect(db.prepare('SELECT id, frame_base FROM captures').raw().all()).toEqual([
      [1, 0],
      [2, 100],
    ]);
    const segments = db
      .prepare('SELECT flow_id, capture_id, frame FROM close_segments WHERE n = 2')
      .raw()
      .all();
    expect(segments).toEqual([
      [1, 1, 8],
      [3, 2, 8],
    ]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(readdirSync(dirname(path))).toEqual(['grown.sqlite']);
  });

  it('leaves the old database alone when given up', async () => {
    const path = join(temporaryFolder(), 'old.sqlite');
    await store(path, [FIN_FLOW]);
    const before = readFileSync(path);
    const writing = await openStore(path, { append: true });
    writing.write(batchOf([FIN_FLOW]));
    await writing.abort();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(['old.sqlite']);
  });

  it('starts a database where there is none', async () => {
    const path = join(temporaryFolder(), 'first.sqlite');
    await store(path, [FIN_FLOW], true);
    expect(countFlows(path)).toBe(1);
  });

  it('refuses another schema version', async () => {
    const path = join(temporaryFolder(), 'later.sqlite');
    await store(path, [FIN_FLOW]);
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    await expect(openStore(path, { append: true })).rejects.toThrow(/newer finwait \(schema 99/);
  });
});

describe('targets that are refused untouched', () => {
  it.each([
    ['a directory', (path: string) => mkdirSync(path), /is a directory/],
    [
      'some other file',
      (path: string) => writeFileSync(path, 'notes\n'.repeat(40)),
      /not a finwait database/,
    ],
    ['a short file', (path: string) => writeFileSync(path, 'x'), /not a finwait database/],
    [
      'a database of another program',
      (path: string) => new Database(path).exec('CREATE TABLE t (x)').close(),
      /another program/,
    ],
  ])('%s', async (_, make, reason) => {
    const folder = temporaryFolder();
    const path = join(folder, 'taken');
    make(path);
    const before =
      existsSync(path) && !readdirSync(folder, { withFileTypes: true })[0]?.isDirectory()
        ? readFileSync(path)
        : undefined;
    const refusal = openStore(path, { append: false });
    await expect(refusal).rejects.toThrow(StoreError);
    await expect(refusal).rejects.toThrow(reason);
    expect(readdirSync(folder)).toEqual(['taken']);
    if (before !== undefined) expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('a finwait database that another program has open in WAL mode', async () => {
    const path = join(temporaryFolder(), 'busy.sqlite');
    await store(path, [FIN_FLOW]);
    const other = new Database(path);
    other.pragma('journal_mode = WAL');
    other.exec('CREATE TABLE notes (text)');
    await expect(openStore(path, { append: false })).rejects.toThrow(/open in another program/);
    other.close();
    await (await openStore(path, { append: false })).abort();
  });

  it('a folder that does not exist', async () => {
    const path = join(temporaryFolder(), 'nowhere', 'x.sqlite');
    await expect(openStore(path, { append: false })).rejects.toThrow(/no such folder/);
  });

  it.skipIf(isRoot)('a folder without permission (root may write anywhere: needs another user)', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    await expect(openStore(join(folder, 'x.sqlite'), { append: false })).rejects.toMatchObject({
      code: 'EACCES',
    });
  });
});

describe.skipIf(!canMount())('a full disk (needs root, to mount a small tmpfs)', () => {
  const mounted: string[] = [];
  afterEach(() => {
    for (const folder of mounted.splice(0)) execFileSync('umount', [folder]);
  });

  it.each([
    ['replacing', false, 10, 1000],
    ['appending, in the file of the run', true, 10, 1000],
    ['appending, in the copy of the database', true, 1, 300],
  ])(
    'ends in a StoreError, the old database unharmed and no temporary file left: %s',
    async (_, append, batches, size) => {
      const folder = temporaryFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1330k', 'tmpfs', folder]);
      mounted.push(folder);
      const path = join(folder, 'full.sqlite');
      await store(path, [FIN_FLOW]);
      const before = readFileSync(path);
      const writing = await openStore(path, { append, again: true });
      const fill = async () => {
        const many = Array.from({ length: size }, () => FIN_FLOW);
        for (let i = 0; i < batches; i++) {
          writing.write({ ...batchOf(many), addresses: none() });
          await writing.drained();
        }
        await writing.finish([captureOf()]);
      };
      await expect(fill()).rejects.toThrow('the disk is full');
      await writing.abort();
      expect(readFileSync(path).equals(before)).toBe(true);
      expect(readdirSync(folder)).toEqual(['full.sqlite']);
    },
  );
});

describe('opening to read', () => {
  it.each([
    ['nothing', () => {}, /no such file/],
    ['a directory', (path: string) => mkdirSync(path), /directory/],
    ['text', (path: string) => writeFileSync(path, 'hello'), /not a finwait database/],
    [
      'another program’s database',
      (path: string) => new Database(path).exec('CREATE TABLE t (x)').close(),
      /not one of finwait/,
    ],
  ])('refuses %s', (_, make, reason) => {
    const path = join(temporaryFolder(), 'x');
    make(path);
    expect(() => openForReading(path)).toThrow(reason);
  });

  it('only reads', async () => {
    const path = join(temporaryFolder(), 'x.sqlite');
    await store(path, [FIN_FLOW]);
    expect(() => opened(path).exec('DELETE FROM flow_data')).toThrow(/readonly/);
  });
});

function none() {
  return { firstId: 0, count: 0, words: new Uint32Array() };
}
