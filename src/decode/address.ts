const GROUPS = 8;

/**
 * An address, four 32-bit words in network order, as canonical text: RFC 5952, and dotted decimal for
 * the IPv4-mapped form, which is how a Segment holds IPv4.
 */
export function formatAddress(w0: number, w1: number, w2: number, w3: number): string {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) {
    return `${w3 >>> 24}.${(w3 >>> 16) & 0xff}.${(w3 >>> 8) & 0xff}.${w3 & 0xff}`;
  }
  const groups = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const [start, end] = longestZeroRun(groups);
  if (end - start < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(end))}`;
}

/** Where the longest run of zero groups starts and ends; the leftmost of equals (RFC 5952 4.2.3). */
function longestZeroRun(groups: readonly number[]): [start: number, end: number] {
  let longest: [number, number] = [0, 0];
  for (let start = 0; start < GROUPS; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > longest[1] - longest[0]) longest = [start, end];
  }
  return longest;
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}
