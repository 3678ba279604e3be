import { describe, expect, it } from 'vitest';
import { inTimeOrder } from '../../../src/capture/files/order.ts';
import { payload, pcap, temporary, written } from '../make.ts';

const at = (seconds: number) => written(pcap([{ seconds, bytes: payload(4) }]));

describe('the files of one capture', () => {
  it('come in order of their first frames', async () => {
    const [late, early, middle] = [at(30), at(10), at(20)];
    expect(await inTimeOrder([late, early, middle])).toEqual([early, middle, late]);
  });

  it('keep the order they were given in where they begin at the same time', async () => {
    const [one, other] = [at(10), at(10)];
    expect(await inTimeOrder([other, one])).toEqual([other, one]);
  });

  it('leave their places to those without a time: standard input, files without frames', async () => {
    const [late, early, empty] = [at(30), at(10), written(pcap([]))];
    expect(await inTimeOrder([late, '-', empty, early])).toEqual([early, '-', empty, late]);
  });

  it('must be captures', async () => {
    await expect(inTimeOrder([at(10), temporary()])).rejects.toThrow('no such file');
  });
});
