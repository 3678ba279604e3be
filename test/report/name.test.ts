import { describe, expect, it } from 'vitest';
import { endName, findFlows, isFourTuple, parseFlowName } from '../../src/report/name.ts';
import { databaseOf } from '../record/database.ts';
import { databaseOfScript } from './ladder/ladders.ts';

describe('a name', () => {
  it.each([
    '7',
    '10.0.0.1:40001-10.0.0.2:80',
    '10.0.0.1:40001 -> 10.0.0.2:80',
    '[::1]:80-[2001:db8::1]:4242',
    '10.0.0.1:40001',
    '10.0.0.1',
    '::1',
    ':40001',
    '10.0.0.0/24-10.0.0.2',
  ])('%s is one', (text) => {
    expect(parseFlowName(text)).toBeDefined();
  });

  it.each([
    '',
    '-',
    '-7',
    '7.5',
    'web',
    'web:80',
    '10.0.0.1:66000',
    '10.0.0.1:',
    '10.0.0:80',
    '10.0.0.1:1-',
    '1.2.3.4-1.2.3.5-1.2.3.6',
    '[10.0.0.1',
    '::1:80:',
  ])('%o is none', (text) => {
    expect(parseFlowName(text)).toBeUndefined();
  });

  it.each([
    ['10.0.0.1:40001-10.0.0.2:80', true],
    ['[::1]:80-[::1]:4242', true],
    ['10.0.0.1:40001-10.0.0.2', false],
    ['10.0.0.1:40001-10.0.0.0/24:80', false],
    ['10.0.0.1:40001', false],
    ['7', false],
  ])('%s is a 4-tuple: %s', (text, whole) => {
    expect(isFourTuple(parseFlowName(text)!)).toBe(whole);
  });
});

describe('the flows of a name', () => {
  const db = () =>
    databaseOf([
      { client: '10.0.0.1', server: '10.0.0.2', columns: { client_port: 4001, server_port: 80, first: 30 } },
      { client: '10.0.0.1', server: '10.0.0.2', columns: { client_port: 4002, server_port: 80, first: 20 } },
      { client: '10.0.0.2', server: '10.0.0.1', columns: { client_port: 4001, server_port: 80, first: 10 } },
      { client: '10.0.0.1', server: '10.0.0.2', columns: { client_port: 4001, server_port: 80, first: 5 } },
    ]);
  const find = (text: string) => findFlows(db(), parseFlowName(text)!);

  it.each([
    ['3', [3]],
    ['99', []],
    ['10.0.0.1:4002-10.0.0.2:80', [2]],
    ['10.0.0.2:80-10.0.0.1:4002', [2]],
    ['10.0.0.2:4002-10.0.0.1:80', []],
    ['10.0.0.1:4002', [2]],
    [':4002', [2]],
    ['10.0.0.9', []],
  ])('%s: %o', (text, ids) => {
    expect(find(text)).toEqual(ids);
  });

  it('whose ends were used again are in order of time', () => {
    expect(find('10.0.0.1:4001-10.0.0.2:80')).toEqual([4, 1]);
  });

  it('may be all that have an address or a network', () => {
    expect(find('10.0.0.1')).toEqual([4, 3, 2, 1]);
    expect(find('10.0.0.0/30:80-10.0.0.1:4001')).toEqual([4, 1]);
  });

  it('over IPv6 are found however the address is written', () => {
    const ipv6 = databaseOfScript('+0.0 c S 0', {
      client: { address: [0x20010db8, 0, 0, 1], port: 4001 },
      server: { address: [0x20010db8, 0, 0, 2], port: 80 },
    });
    expect(findFlows(ipv6, parseFlowName('[2001:0DB8:0::2]:80-[2001:db8::1]:4001')!)).toEqual([1]);
  });
});

it('an end is written as it is read', () => {
  expect(endName('10.0.0.1', 80)).toBe('10.0.0.1:80');
  expect(endName('::1', 80)).toBe('[::1]:80');
});
