import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WriteLock } from '../../../src/record/files/write-lock.ts';

// Takes the lock of a database and gives it back, so many times; of 0 times it keeps it until it is killed.

const [target = '', turns = '0', log = ''] = process.argv.slice(2);

if (turns === '0') {
  WriteLock.tryTake(target);
  process.stdout.write('has it\n');
  await sleep(2 ** 30);
}
for (let turn = 0; turn < Number(turns); turn++) {
  let lock = WriteLock.tryTake(target);
  while (lock === undefined) {
    await sleep(0);
    lock = WriteLock.tryTake(target);
  }
  appendFileSync(log, `${process.pid} in\n`);
  await sleep(0);
  appendFileSync(log, `${process.pid} out\n`);
  lock.release();
}
