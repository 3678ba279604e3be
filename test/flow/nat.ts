import { type Ends, parse, type Step } from './script.ts';

/** Both sides' segments, `hop` seconds apart, with what the NAT changes; the ones nearer to the sender come first. */
export function bothSides(script: string, inner: Ends, outer: Ends, { hop = 20e-6, hops = 1 } = {}): Step[] {
  const [near, far] = [parse(script, inner), parse(script, outer)];
  const steps = near.flatMap((step, i) => {
    const isClients =
      step.segment.dstPort === inner.server.port && step.segment.dst3 === inner.server.address[3];
    const pair = isClients ? [step, far[i]!] : [far[i]!, step];
    pair[1]!.segment.ttl -= hops;
    pair[1]!.at += hop;
    return pair;
  });
  return steps.sort((a, b) => a.at - b.at);
}
