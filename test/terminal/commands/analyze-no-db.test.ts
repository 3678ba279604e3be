import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generate, SHAPES } from '../../../scripts/generate/generate.ts';
import { analyze } from '../../../src/run/pipeline.ts';
import { temporaryFolder } from '../../record/database.ts';
import { finwait, ROOT } from '../finwait.ts';

const CAPTURE = join(ROOT, 'captures', 'close-wait-leak.pcap');

/** A folder that holds leak.pcap. */
function folderWithCapture(): string {
  const folder = temporaryFolder();
  copyFileSync(CAPTURE, join(folder, 'leak.pcap'));
  return folder;
}

describe('analyze --no-db', () => {
  it('follows the flows and writes nothing', () => {
    const cwd = folderWithCapture();
    expect(finwait(['analyze', '--no-db', 'leak.pcap'], { cwd })).toEqual({
      code: 0,
      stdout: '3 TCP flows followed, no database written\n',
      stderr: '',
    });
    expect(readdirSync(cwd)).toEqual(['leak.pcap']);
  });

  it('prints nothing with --quiet', () => {
    const cwd = folderWithCapture();
    expect(finwait(['analyze', '--no-db', '-q', 'leak.pcap'], { cwd })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('says of a damaged file that what came before was read', () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'cut.pcap'), readFileSync(CAPTURE).subarray(0, -3));
    const { code, stderr } = finwait(['analyze', '--no-db', '-q', 'cut.pcap'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^finwait: cut\.pcap: .*; what came before was read\n$/);
  });

  it('is not for --append', () => {
    const cwd = folderWithCapture();
    expect(finwait(['analyze', '--no-db', '--append', 'leak.pcap'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'finwait: there is nothing to --append to with --no-db\n',
    });
  });

  it.each([1, 2])('finds all flows in %d lanes', async (lanes) => {
    const path = join(temporaryFolder(), 'many.pcap');
    const blocks: Uint8Array[] = [];
    const options = { ...SHAPES.tiny, flows: 6000, concurrent: 50, seed: 3, ipv6: false, snapLength: 96 };
    const { packets } = generate(options, (block) => blocks.push(block.slice()));
    writeFileSync(path, Buffer.concat(blocks));
    const { captures, flows } = await analyze([path], {
      target: undefined,
      append: false,
      timeWait: undefined,
      lanes,
    });
    expect(flows).toBe(6000);
    expect(captures).toMatchObject([{ frames: packets, tcpSegments: packets, skipped: {} }]);
  });
});
