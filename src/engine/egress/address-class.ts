import { BlockList, isIP } from 'node:net'

/** Never reached by a name, even if the owner allowed private networks. Only a literal address can be used. */
const NEVER_BY_NAME = new BlockList()
NEVER_BY_NAME.addSubnet('169.254.0.0', 16, 'ipv4')
NEVER_BY_NAME.addSubnet('0.0.0.0', 8, 'ipv4')
NEVER_BY_NAME.addSubnet('224.0.0.0', 3, 'ipv4')
NEVER_BY_NAME.addSubnet('fe80::', 10, 'ipv6')
NEVER_BY_NAME.addSubnet('ff00::', 8, 'ipv6')
NEVER_BY_NAME.addAddress('::', 'ipv6')

/**
 * Cloud metadata services, which return credentials. They are never reached, not even by an address that the owner
 * entered.
 */
const METADATA = new BlockList()
METADATA.addSubnet('169.254.169.0', 24, 'ipv4')
METADATA.addSubnet('169.254.170.0', 24, 'ipv4')
METADATA.addAddress('100.100.100.200', 'ipv4')
METADATA.addAddress('168.63.129.16', 'ipv4')
METADATA.addAddress('192.0.0.192', 'ipv4')
METADATA.addAddress('fd00:ec2::254', 'ipv6')
METADATA.addAddress('fd20:ce::254', 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4')
// Unique local, site local, discard, documentation, and the ways to write an IPv4 address as an IPv6 one.
for (const [net, bits] of [
  ['fc00::', 7],
  ['fec0::', 10],
  ['100::', 64],
  ['2001:db8::', 32],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['::', 96],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6')

export type AddressClass = 'public' | 'loopback' | 'private' | 'never' | 'metadata'

/**
 * Classifies an address. One that embeds an IPv4 address for a translator (NAT64, 6to4, mapped or compatible) also
 * belongs to that address's class, because packets may end up there. Invalid addresses are `never`.
 */
export function classOf(address: string): AddressClass {
  const own = classWithin(address)
  const inner = isIP(address) === 6 ? embeddedAddress(address) : null
  if (inner === null) return own
  const found = classWithin(inner.address)
  if (inner.mapped || found === 'metadata' || found === 'never') return found
  return own
}

/** Converts a mapped address to IPv4, because systems treat both alike. */
export function plainAddress(address: string): string {
  const inner = isIP(address) === 6 ? embeddedAddress(address) : null
  return inner?.mapped === true ? inner.address : address
}

/**
 * Returns whom an address belongs to, for limits per address: this computer for all of its own addresses, and the
 * network of an IPv6 address, because one computer can use every address of a /64.
 */
export function addressGroup(address: string): string {
  const plain = plainAddress(address)
  if (classOf(plain) === 'loopback') return 'loopback'
  if (isIP(plain) !== 6) return plain
  return `${groupsOf(plain)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

function classWithin(address: string): AddressClass {
  const family = isIP(address)
  if (family === 0) return 'never'
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (METADATA.check(address, type)) return 'metadata'
  if (NEVER_BY_NAME.check(address, type)) return 'never'
  if (LOOPBACK.check(address, type)) return 'loopback'
  return PRIVATE.check(address, type) ? 'private' : 'public'
}

/** Position of the embedded IPv4 address in each translator prefix: the index of its first group of 16 bits. */
const EMBEDDING: readonly { groups: readonly number[]; at: number; mapped?: true }[] = [
  { groups: [0, 0, 0, 0, 0, 0xffff], at: 6, mapped: true },
  { groups: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  { groups: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { groups: [0x64, 0xff9b, 1], at: 6 },
  { groups: [0x2002], at: 1 },
  { groups: [0, 0, 0, 0, 0, 0], at: 6 },
]

function embeddedAddress(address: string): { address: string; mapped: boolean } | null {
  const groups = groupsOf(address)
  const found = EMBEDDING.find((one) => one.groups.every((group, index) => groups[index] === group))
  if (found === undefined) return null
  const [high = 0, low = 0] = groups.slice(found.at)
  // ::1 and :: embed nothing.
  if (found.at === 6 && high === 0 && found.groups.every((group) => group === 0)) return null
  return { address: [high >> 8, high & 255, low >> 8, low & 255].join('.'), mapped: found.mapped === true }
}

/** The eight groups of an IPv6 address in any of its forms. */
function groupsOf(address: string): number[] {
  const [bare = ''] = address.split('%', 1)
  const hex = bare.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  )
  const [head = '', tail] = hex.split('::')
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [start, end] = [read(head), read(tail ?? '')]
  return tail === undefined ? start : [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end]
}

/** A name other than localhost can be any address of this computer. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replaceAll(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || (isIP(bare) !== 0 && classOf(bare) === 'loopback')
}

/** Returns an address as it stands in a URL: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
