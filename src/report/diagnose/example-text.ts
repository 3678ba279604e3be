import type { ExampleFlow } from './frame/finding.ts';

/**
 * An example for people: `flow 7 10.0.0.1:40001 -> 10.0.0.2:80: frames client FIN 48, server ACK of FIN 49`.
 * The files are named if the frames are of several, for each counts its own.
 */
export function exampleText({ id, client, server, frames }: ExampleFlow): string {
  const captures = new Set(frames.map(({ capture }) => capture));
  const marks = frames.map(({ frame, capture, endpoint, meaning }) => {
    const file = captures.size > 1 ? ` of ${capture}` : '';
    // Whoever sent it, it was not the end whose segment it quotes.
    if (meaning === 'ICMP error') return `${meaning} about the ${endpoint} ${frame}${file}`;
    return `${endpoint} ${meaning} ${frame}${file}`;
  });
  const seen = marks.length === 0 ? '' : `: frames ${marks.join(', ')}`;
  return `flow ${id} ${client} -> ${server}${seen}`;
}
