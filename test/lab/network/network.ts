import { type Cleanup, ip, run } from '../run.ts';

// client eth0 --- client0 router server0 --- eth0 server, each a network namespace. With a trunk the
// client's side is client eth0 --- access0 trunk trunk0 === trunk1 trunk uplink0 --- client0 router.

/** Where a program runs. */
export type Side = 'client' | 'server';
/** Where a capture can be taken. */
export type Place = Side | 'router' | 'trunk';

export interface NetworkOptions {
  /** Second byte of the addresses, 1 to 254: labs that run at the same time need different ones. */
  subnet: number;
  /** Kernel settings of a side: `{ client: { 'net.ipv4.tcp_fin_timeout': '2' } }`. */
  sysctls?: Partial<Record<Side, Record<string, string>>>;
  /** Give the client a second IPv4 address, and hide both behind the router's; see nat.ts. */
  nat?: boolean;
  /** Put a link between client and router on which every frame carries an 802.1Q tag. */
  trunk?: boolean;
}

/** A running network of three hosts. */
export interface Network {
  namespaces: Record<Place, string>;
  /** IPv4 and IPv6 address of each side, and with `nat` what more there is. */
  addresses: {
    client: { v4: string; v6: string; second: string };
    server: { v4: string; v6: string };
    /** By which the server knows the client where there is NAT. */
    behindNat: string;
  };
  nat: boolean;
}

/** The tag of the trunk. */
export const VLAN_ID = 100;

const SYSCTLS = {
  'net.ipv6.conf.all.accept_dad': '0',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.router_solicitations': '0',
};
const FORWARDING = { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' };

/** Builds the network; needs root. `cleanup` takes it down again. */
export function openNetwork(options: NetworkOptions, cleanup: Cleanup): Network {
  const { subnet, trunk = false, nat = false, sysctls = {} } = options;
  const name = `fw-${process.pid}-${subnet}`;
  const namespaces = { client: `${name}-c`, router: `${name}-r`, server: `${name}-s`, trunk: `${name}-t` };
  const { client, router, server } = namespaces;
  const v4 = (host: string): string => `10.${subnet}.${host}`;
  const v6 = (host: string): string => `fd00:${subnet.toString(16)}:${host}`;

  const addNamespace = (namespace: string, settings: Record<string, string>): void => {
    run('ip', ['netns', 'add', namespace]);
    cleanup.defer(() => run('ip', ['netns', 'del', namespace]));
    const pairs = Object.entries({ ...SYSCTLS, ...settings }).map(([key, value]) => `${key}=${value}`);
    run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', ...pairs]);
  };
  addNamespace(client, sysctls.client ?? {});
  addNamespace(router, FORWARDING);
  addNamespace(server, sysctls.server ?? {});
  if (trunk) addNamespace(namespaces.trunk, { 'net.ipv6.conf.default.disable_ipv6': '1' });

  if (trunk) {
    link(client, 'eth0', 1, namespaces.trunk, 'access0', 2);
    link(namespaces.trunk, 'trunk0', 3, namespaces.trunk, 'trunk1', 4);
    link(namespaces.trunk, 'uplink0', 5, router, 'client0', 6);
  } else {
    link(client, 'eth0', 1, router, 'client0', 6);
  }
  link(router, 'server0', 7, server, 'eth0', 8);
  address(client, 'eth0', v4('1.2'), v6('1::2'));
  if (nat) ip(client, `addr add ${v4('1.3')}/24 dev eth0`);
  address(router, 'client0', v4('1.1'), v6('1::1'));
  address(router, 'server0', v4('2.1'), v6('2::1'));
  address(server, 'eth0', v4('2.2'), v6('2::2'));
  for (const [namespace, gateway] of [[client, '1'] as const, [server, '2'] as const]) {
    ip(namespace, `route add default via ${v4(`${gateway}.1`)}`);
    ip(namespace, `-6 route add default via ${v6(`${gateway}::1`)}`);
  }
  return {
    namespaces,
    addresses: {
      client: { v4: v4('1.2'), v6: v6('1::2'), second: v4('1.3') },
      server: { v4: v4('2.2'), v6: v6('2::2') },
      behindNat: v4('2.1'),
    },
    nat,
  };
}

/** A veth pair whose ends have fixed MAC addresses, up, and put on the wire what a wire would carry. */
function link(a: string, devA: string, macA: number, b: string, devB: string, macB: number): void {
  const mac = (last: number): string => `02:00:00:00:00:0${last}`;
  run('ip', [
    ...['-n', a, 'link', 'add', devA, 'address', mac(macA), 'type', 'veth'],
    ...['peer', 'name', devB, 'address', mac(macB), 'netns', b],
  ]);
  for (const [namespace, device] of [[a, devA] as const, [b, devB] as const]) {
    ip(namespace, `link set dev ${device} gso_max_segs 1 up`);
    checksumInSoftware(namespace, device);
  }
}

function address(namespace: string, device: string, v4: string, v6: string): void {
  ip(namespace, `addr add ${v4}/24 dev ${device}`);
  ip(namespace, `-6 addr add ${v6}/64 dev ${device} nodad`);
}

/**
 * Turns transmit checksum offload off (and with it TSO), as `ethtool -K DEVICE tx off gro off` does,
 * by the same ioctl (SIOCETHTOOL) in Perl, which every Debian has while ethtool is often missing.
 */
function checksumInSoftware(namespace: string, device: string): void {
  const ETHTOOL_STXCSUM = 0x17;
  const ETHTOOL_SGRO = 0x2c;
  const program = `socket(S, 2, 2, 0) or die $!;
    for (${ETHTOOL_STXCSUM}, ${ETHTOOL_SGRO}) {
      my $value = pack('LL', $_, 0);
      ioctl(S, 0x8946, pack('a16P', '${device}', $value)) or die "$_: $!";
    }`;
  run('ip', ['netns', 'exec', namespace, 'perl', '-e', program]);
}
