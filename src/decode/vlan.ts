import { type Cursor, passHeader, type Step } from './cursor.ts';

// VLAN tags, by EtherType. Each tag is one layer of the walk, so the walk's limit bounds stacks of them.

/** 802.1Q, the customer's tag. */
export const C_TAG = 0x8100;
/** 802.1ad, the service provider's tag, and two numbers that QinQ had before the standard. */
export const S_TAG = 0x88a8;
export const QINQ_9100 = 0x9100;
export const QINQ_9200 = 0x9200;
/** 802.1ah, the backbone's service tag. */
export const I_TAG = 0x88e7;

/** Passes a C-TAG or S-TAG: tag control information, then the next EtherType. */
export function passVlan(cursor: Cursor): Step {
  return passHeader(cursor, 4, 2);
}

/** Passes an I-TAG and the customer's Ethernet header, which follows it whole. */
export function passItag(cursor: Cursor): Step {
  return passHeader(cursor, 18, 16);
}
