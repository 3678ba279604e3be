// Compares wireshark_completeness with the last tcp.completeness of each tcp.stream from tshark:
//   npx tsx scripts/compare/wireshark.ts FILE... [--diff]
// A stream and a flow are the same when they begin with the same frame.
import { execFileSync } from 'node:child_process';
import { type FlowRow, withDatabase } from '../../test/lab/compare/database.ts';

const files = process.argv.slice(2).filter((argument) => argument !== '--diff');
const diff = process.argv.includes('--diff');
if (files.length === 0) throw new Error('usage: wireshark.ts FILE... [--diff]');

interface Stream {
  first: number;
  completeness: number;
}

/** The streams of a file as tshark sees them; the innermost where TCP lies in a tunnel. */
function streams(file: string): Stream[] {
  const fields = ['frame.number', 'tcp.stream', 'tcp.completeness'].flatMap((field) => ['-e', field]);
  const text = execFileSync('tshark', ['-2', '-r', file, '-Y', 'tcp', '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  const byNumber = new Map<string, Stream>();
  for (const line of text.trimEnd().split('\n').filter(Boolean)) {
    const [frame, stream, completeness] = line.split('\t').map((cell) => cell.split(',').at(-1)!);
    const known = byNumber.get(stream!) ?? { first: Number(frame), completeness: 0 };
    known.completeness = Number(completeness);
    byNumber.set(stream!, known);
  }
  return [...byNumber.values()];
}

let equal = 0;
let all = 0;
for (const file of files) {
  const flows = await withDatabase([file], (db) => db.prepare('SELECT * FROM flows').all() as FlowRow[]);
  const byFrame = new Map(flows.map((flow) => [flow.first_frame, flow.wireshark_completeness]));
  for (const { first, completeness } of streams(file)) {
    all++;
    const ours = byFrame.get(first);
    if (ours === completeness) equal++;
    else if (diff)
      console.log(`${file} stream from frame ${first}: tshark ${completeness}, ours ${ours ?? 'no flow'}`);
  }
}
console.log(`wireshark: completeness ${((100 * equal) / all).toFixed(1)} % of ${all}`);
