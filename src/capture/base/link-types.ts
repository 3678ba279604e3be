/** A link type: what a frame begins with. */
interface LinkType {
  /** libpcap's LINKTYPE_ number, as files have it. */
  readonly number: number;
  /** Its LINKTYPE_ name (tcpdump.org/linktypes.html). */
  readonly name: string;
  /** What such a frame begins with. */
  readonly frame: string;
}

/** By itself, so that it is a plain number where every frame is held against it. */
export const LINKTYPE_ETHERNET = 1;

/** The link types that are decoded. A name's first number is the one that tcpdump.org lists. */
export const LINK_TYPES = [
  { number: 0, name: 'NULL', frame: "BSD loopback: an address family in the host's byte order" },
  { number: LINKTYPE_ETHERNET, name: 'ETHERNET', frame: 'Ethernet II, or 802.3 with LLC and SNAP' },
  { number: 9, name: 'PPP', frame: "PPP, with or without HDLC's address and control, or Cisco's HDLC" },
  { number: 50, name: 'PPP_HDLC', frame: "PPP in HDLC-like framing, or Cisco's HDLC" },
  { number: 51, name: 'PPP_ETHER', frame: 'a PPPoE session' },
  { number: 101, name: 'RAW', frame: 'IPv4 or IPv6' },
  { number: 104, name: 'C_HDLC', frame: "Cisco's HDLC" },
  { number: 105, name: 'IEEE802_11', frame: 'IEEE 802.11 (Wi-Fi)' },
  { number: 108, name: 'LOOP', frame: "OpenBSD's loopback: an address family in network byte order" },
  { number: 113, name: 'LINUX_SLL', frame: 'Linux cooked capture (the device any)' },
  { number: 119, name: 'IEEE802_11_PRISM', frame: 'a Prism or AVS header, then IEEE 802.11' },
  { number: 127, name: 'IEEE802_11_RADIOTAP', frame: 'radiotap, then IEEE 802.11 (Wi-Fi in monitor mode)' },
  { number: 163, name: 'IEEE802_11_AVS', frame: 'an AVS header, then IEEE 802.11' },
  { number: 192, name: 'PPI', frame: 'per-packet information, then any link type, mostly IEEE 802.11' },
  { number: 228, name: 'IPV4', frame: 'IPv4' },
  { number: 229, name: 'IPV6', frame: 'IPv6' },
  { number: 239, name: 'NFLOG', frame: "Linux's netfilter log" },
  { number: 242, name: 'IPOIB', frame: 'IP over InfiniBand (RFC 4391)' },
  { number: 276, name: 'LINUX_SLL2', frame: 'Linux cooked capture, version 2 (the device any)' },
  // Numbers of DLT_RAW, which some systems have written into files all the same.
  { number: 12, name: 'RAW', frame: 'IPv4 or IPv6, by the number that most systems give to DLT_RAW' },
  { number: 14, name: 'RAW', frame: 'IPv4 or IPv6, by the number that OpenBSD gives to DLT_RAW' },
] as const satisfies readonly LinkType[];

/** The name of a link type that is decoded. */
export type LinkTypeName = (typeof LINK_TYPES)[number]['name'];
