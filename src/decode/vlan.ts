import {
  C_TAG,
  type Cursor,
  ETHERNET,
  MPLS,
  MPLS_MULTICAST,
  PPP,
  PPPOE,
  passHeader,
  type Step,
} from './cursor.ts';
import { passMpls } from './mpls.ts';
import { passPpp, passPppoe } from './ppp.ts';
import { NOT_IP } from './verdict.ts';

// VLAN tags and what else may stand between the link layer and IP, by EtherType. Each tag is one layer of the walk, so the walk's
// limit bounds stacks of them.

/** 802.1ad, the service provider's tag, and two numbers that QinQ had before the standard. */
const S_TAG = 0x88a8;
const QINQ_9100 = 0x9100;
const QINQ_9200 = 0x9200;
/** 802.1ah, the backbone's service tag. */
const I_TAG = 0x88e7;
// Tags of switches by Cisco.
const FABRIC_PATH = 0x8903;
const META_DATA = 0x8909;
const VN_TAG = 0x8926;
/** 802.1BR's tag between a switch and its port extenders. */
const E_TAG = 0x893f;

/** Passes the layer that `etherType` announces; anything that does not lead to IP is NOT_IP. */
export function passEtherType(etherType: Step, cursor: Cursor): Step {
  switch (etherType) {
    case C_TAG:
    case S_TAG:
    case QINQ_9100:
    case QINQ_9200: // tag control information, then the EtherType
      return passHeader(cursor, 4, 2);
    case MPLS:
    case MPLS_MULTICAST:
      return passMpls(cursor);
    case PPPOE:
      return passPppoe(cursor);
    case PPP:
      return passPpp(cursor);
    case ETHERNET:
      return passHeader(cursor, 14, 12);
    case I_TAG: // the tag, then the customer's whole Ethernet header
      return passHeader(cursor, 18, 16);
    case FABRIC_PATH: // tag and TTL, then the whole Ethernet header
      return passHeader(cursor, 16, 14);
    case META_DATA: // version, length, the security group tag, then the EtherType
      return passHeader(cursor, 8, 6);
    case VN_TAG:
      return passHeader(cursor, 6, 4);
    case E_TAG:
      return passHeader(cursor, 8, 6);
    default:
      return NOT_IP;
  }
}
