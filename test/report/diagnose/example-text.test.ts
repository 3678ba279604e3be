import { expect, it } from 'vitest';
import { exampleText } from '../../../src/report/diagnose/example-text.ts';
import type { ExampleFlow } from '../../../src/report/diagnose/frame/finding.ts';

type Frame = ExampleFlow['frames'][number];

it.each([
  ['FIN', 'flow 7 10.0.0.1:40001 -> 10.0.0.2:80: frames client FIN 2'],
  ['ICMP error', 'flow 7 10.0.0.1:40001 -> 10.0.0.2:80: frames ICMP error about the client 2'],
] as const)('%s: whoever sent it', (meaning, text) => {
  const frames: Frame[] = [{ frame: 2, capture: 'a.pcap', endpoint: 'client', meaning }];
  const flow = { id: 7, client: '10.0.0.1:40001', server: '10.0.0.2:80', frames } as ExampleFlow;
  expect(exampleText(flow)).toBe(text);
});
