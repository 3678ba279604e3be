import { expect, it } from 'vitest';
import { collectSysctl } from '../../../src/terminal/options/diagnose-options.ts';

it.each([
  ['all.sysctl', { path: 'all.sysctl' }],
  ['10.0.0.7=web.sysctl', { path: 'web.sysctl', ip: '10.0.0.7' }],
  ['2001:DB8:0:0::7=web.sysctl', { path: 'web.sysctl', ip: '2001:db8::7' }],
  ['a=b.sysctl', { path: 'a=b.sysctl' }],
])('--sysctl %s is of the host as the database spells it, or of all', (text, file) => {
  expect(collectSysctl(text, [{ path: 'before' }])).toEqual([{ path: 'before' }, file]);
});
