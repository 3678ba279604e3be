import { CLIENT_FIRST, clientThenServer, request, type Scenario } from './scenario.ts';
import { client, pause, server } from './steps.ts';

// The same close in other dress: IPv6, pcapng, tags, all devices.

export const FORMATS: Scenario[] = [
  {
    name: 'ipv6-graceful',
    phenomenon: 'graceful-client-first over IPv6',
    see: 'addresses in RFC 5952 form',
    at: 'client',
    steps: [
      client.connect({ ipv6: true }),
      server.accept(),
      client.send(120),
      server.receives(120),
      pause(0.1),
      ...clientThenServer(),
    ],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'nanosecond-pcapng',
    phenomenon: 'graceful-client-first as pcapng with nanoseconds',
    see: 'if_tsresol 9 in the interface block',
    at: 'client',
    format: 'pcapng-ns',
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'vlan-tagged',
    phenomenon: 'graceful-client-first on a trunk',
    see: 'an 802.1Q tag, VLAN 100, in every frame',
    at: 'trunk',
    network: { trunk: true },
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'any-device-sll2',
    phenomenon: 'graceful-client-first on the device `any`, unfiltered',
    see: 'link type LINUX_SLL2; ARP and ICMPv6 among the TCP',
    at: 'client',
    any: true,
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
    findings: [],
  },
  {
    name: 'router-any-duplicates',
    phenomenon: 'graceful-client-first on all devices of the router',
    see: 'every segment twice, coming in and going out with a smaller TTL: duplicates, not retransmissions',
    at: 'router',
    any: true,
    steps: [...request(), ...clientThenServer()],
    flows: [CLIENT_FIRST],
    findings: [],
  },
];
