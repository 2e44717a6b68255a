import { isIPv6 } from 'node:net';

/** The number of groups of 16 bits in a /64, which a provider gives to one customer (RFC 6177, RIPE-690). */
const NETWORK_GROUPS = 4;
const GROUPS = 8;
const MAPPED_IPV4 = /^0:0:0:0:0:ffff:([0-9a-f]+):([0-9a-f]+)$/;

/**
 * Returns the network by which limits count a client: an IPv4 address, or the /64 of an IPv6 address. An IPv4-mapped
 * address (RFC 4291 §2.5.5.2) is the IPv4 address.
 * @param address of the client, if it is known
 */
export function clientNetwork(address = 'unknown'): string {
  const [withoutZone] = address.split('%', 1);
  if (!isIPv6(withoutZone!)) return address;
  const groups = groupsOf(withoutZone!);
  const [, high, low] = MAPPED_IPV4.exec(groups.join(':')) ?? [];
  if (high !== undefined && low !== undefined)
    return [high, low].flatMap((group) => octetsOf(Number.parseInt(group, 16))).join('.');
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** Returns all groups of an IPv6 address, in lower case and without leading zeros. */
function groupsOf(address: string): string[] {
  // A URL writes the form of RFC 5952, with hexadecimal groups only.
  const [start = '', end] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = start.split(':').filter(Boolean);
  const after = (end ?? '').split(':').filter(Boolean);
  return [...before, ...Array.from({ length: GROUPS - before.length - after.length }, () => '0'), ...after];
}

function octetsOf(group: number): number[] {
  return [Math.floor(group / 256), group % 256];
}
