import { LINK_TYPES, type LinkTypeName } from '../base/link-types.ts';

/** cap's names of link types (its binding.cc). */
const CAP_NAMES: Readonly<Record<string, LinkTypeName>> = {
  NULL: 'NULL',
  ETHERNET: 'ETHERNET',
  RAW: 'RAW',
  LINKTYPE_LINUX_SLL: 'LINUX_SLL',
  IEEE802_11_RADIO: 'IEEE802_11_RADIOTAP',
};

/**
 * The LINKTYPE_ number for what cap's open() returns. Link types that cap has no name for it gives
 * as `Unknown linktype N`, N being the DLT_ value: the same number, where Linux devices are meant.
 */
export function linkTypeNumber(capName: string): number {
  const name = CAP_NAMES[capName];
  const known = LINK_TYPES.find((linkType) => linkType.name === name)?.number;
  const number = known ?? /^Unknown linktype (\d+)$/.exec(capName)?.[1];
  if (number === undefined) throw new Error(`cap reports an unknown link type: ${capName}`);
  return Number(number);
}
