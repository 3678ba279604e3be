import { readFileSync } from 'node:fs';
import { packaged } from '../capture/packaged.ts';

/** The version in package.json. */
export function version(): string {
  const text = readFileSync(packaged('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
