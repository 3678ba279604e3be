/** cap's names of link types, as LINKTYPE_ numbers (tcpdump.org/linktypes.html). */
const LINK_TYPES: Readonly<Record<string, number>> = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LINKTYPE_LINUX_SLL: 113,
  IEEE802_11_RADIO: 127,
};

/**
 * The LINKTYPE_ number for what cap's open() returns. Link types that cap has no name for it gives
 * as `Unknown linktype N`, N being the DLT_ value: the same number, where Linux devices are meant.
 */
export function linkTypeNumber(name: string): number {
  const known = LINK_TYPES[name] ?? /^Unknown linktype (\d+)$/.exec(name)?.[1];
  if (known === undefined) throw new Error(`cap reports an unknown link type: ${name}`);
  return Number(known);
}
