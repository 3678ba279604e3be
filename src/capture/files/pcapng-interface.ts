import { type Clock, newClock } from './pcapng-clock.ts';

const LINK_TYPE = 8;
const SNAP_LENGTH = 12;
const OPTIONS = 16;

const END_OF_OPTIONS = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** The shortest Interface Description Block: no options. */
export const INTERFACE_BLOCK_LENGTH = 20;

/** An Interface Description Block: what the packets of one interface have in common. */
export interface Interface {
  readonly linkType: number;
  /** 0 if there is no limit. */
  readonly snapLength: number;
  readonly clock: Clock;
}

/**
 * Reads the Interface Description Block from `at` up to `end`. An option that does not fit ends the
 * options, and one of a wrong length is skipped: neither is needed to find the packets.
 */
export function readInterface(view: DataView, at: number, end: number, littleEndian: boolean): Interface {
  let resolution = 6;
  let offsetSeconds = 0;
  const optionsEnd = end - 4;
  for (let option = at + OPTIONS; option + 4 <= optionsEnd; ) {
    const code = view.getUint16(option, littleEndian);
    const length = view.getUint16(option + 2, littleEndian);
    const value = option + 4;
    option = value + ((length + 3) & ~3);
    if (code === END_OF_OPTIONS || option > optionsEnd) break;
    if (code === IF_TSRESOL && length === 1) resolution = view.getUint8(value);
    if (code === IF_TSOFFSET && length === 8) offsetSeconds = Number(view.getBigInt64(value, littleEndian));
  }
  return {
    linkType: view.getUint16(at + LINK_TYPE, littleEndian),
    snapLength: view.getUint32(at + SNAP_LENGTH, littleEndian),
    clock: newClock(resolution, offsetSeconds),
  };
}
