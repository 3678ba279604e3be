import { type Cursor, ETHERNET, MPLS, MPLS_MULTICAST, PPP, PPPOE, passHeader, type Step } from './cursor.ts';
import { passMpls } from './mpls.ts';
import { passPpp, passPppoe } from './ppp.ts';
import { NOT_IP } from './verdict.ts';
import { C_TAG, I_TAG, passItag, passVlan, QINQ_9100, QINQ_9200, S_TAG } from './vlan.ts';

// What may stand between the link layer and IP, by EtherType.

// Tags of switches by Cisco, which are too small for a file each.
const FABRIC_PATH = 0x8903;
const META_DATA = 0x8909;
const VN_TAG = 0x8926;
/** 802.1BR's tag between a switch and its port extenders. */
const E_TAG = 0x893f;

/** Passes the layer that `etherType` announces; anything that does not lead to IP is NOT_IP. */
export function passShim(etherType: Step, cursor: Cursor): Step {
  switch (etherType) {
    case C_TAG:
    case S_TAG:
    case QINQ_9100:
    case QINQ_9200:
      return passVlan(cursor);
    case MPLS:
    case MPLS_MULTICAST:
      return passMpls(cursor);
    case PPPOE:
      return passPppoe(cursor);
    case PPP:
      return passPpp(cursor);
    case ETHERNET:
      return passHeader(cursor, 14, 12);
    case I_TAG:
      return passItag(cursor);
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
