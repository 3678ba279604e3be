import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type BenchOptions, type Generated, generated, makeOnce } from './input.ts';
import { PEERS } from './peers.ts';

/** A capture that everybody is to read. */
export interface Capture extends Generated {
  name: string;
  /** Names of the peers that read it. */
  peers: readonly string[];
  /** Whether the writing of its rows is looked at by itself. */
  hasRows?: boolean;
  /** The same with GROWTH times the flows. */
  grown?: Generated;
}

/** How much longer than the first the second capture is that shows how time grows. */
export const GROWTH = 20;

const ALL = Object.keys(PEERS);
const FAST = ALL.filter((name) => !PEERS[name]!.slow);

/** The captures of the bench: about `packets` packets each. */
export function captures({ packets, seed, folder }: BenchOptions): Capture[] {
  const flows = (count: number, ...words: string[]): Generated =>
    generated(folder, ['--flows', `${Math.ceil(count)}`, '--seed', `${seed}`, ...words]);
  const tiny = (count: number) => flows(count, '--shape', 'tiny');
  const middling = flows(packets / 30, '--shape', 'middling');
  const open = ['--packets-per-flow', '7', '--hold', '2', '--concurrent', `${Math.ceil(packets / 2)}`];
  return [
    { name: 'tiny', ...tiny(packets / 11), peers: ALL, hasRows: true },
    { name: 'middling', ...middling, peers: ALL },
    { name: 'long', ...flows(packets / 250, '--shape', 'long'), peers: ALL },
    // All begin within a second, and wait two before they go on: all of them are open at once.
    { name: 'concurrent', ...flows(packets / 2, ...open), peers: FAST },
    { name: 'ipv6', ...flows(packets / 11, '--shape', 'tiny', '--ipv6'), peers: FAST },
    { name: 'pcapng', ...flows(packets / 30, '--shape', 'middling', '--format', 'pcapng'), peers: [] },
    { name: 'gzip', ...gzipped(middling), peers: [] },
    { name: 'grow', ...tiny(packets / 22), grown: tiny((GROWTH * packets) / 22), peers: [] },
  ];
}

function gzipped(capture: Generated): Generated {
  const path = `${capture.path}.gz`;
  const make = () =>
    makeOnce(path, async (partial) => {
      await capture.make();
      await pipeline(createReadStream(capture.path), createGzip(), createWriteStream(partial));
    });
  return { path, make };
}
