import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { isLoopbackHost } from '../egress/address-class.ts'
import type { OwnerOutputs, OwnerParts } from './owner-parts.ts'

/** Returns whether Hallpass could listen at an address. Omitted values come from the settings. */
export async function checkAddress(
  { settings, status }: Pick<OwnerParts, 'settings' | 'status'>,
  {
    host = settings.current.host,
    port = settings.current.port,
  }: { host?: string | undefined; port?: number | undefined },
): Promise<OwnerOutputs['settings']['check']> {
  const ours = status().listening.port === port
  const free = ours || (await canListen(host, port))
  return {
    free,
    holder: free ? null : holderOf(port),
    addresses: addressesOf(host),
    beyond_loopback: !isLoopbackHost(host),
  }
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function addressesOf(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  return Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ internal, family }) => !internal && (host === '::' || family === 'IPv4'))
    .map(({ address }) => address)
}

/** Returns the name and ID of the process that listens on a port. Only Linux provides that without another program. */
function holderOf(port: number): string | null {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(join('/proc/net', table), port)))
  if (inodes.size === 0) return null
  for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name)))
    for (const handle of entriesOf(`/proc/${pid}/fd`))
      if (inodes.has(linkOf(`/proc/${pid}/fd/${handle}`)))
        return `${textOf(`/proc/${pid}/comm`).trim()} (process ${pid})`
  return null
}

const LISTENING = '0A'

function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return textOf(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTENING && local.endsWith(`:${wanted}`))
    .map((columns) => `socket:[${columns[9]}]`)
}

/** Other users' processes can't be read, and any process may end meanwhile. Both leave the holder unnamed. */
function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
const entriesOf = (folder: string): string[] => readable(() => readdirSync(folder), [])
const textOf = (file: string): string => readable(() => readFileSync(file, 'utf8'), '')
const linkOf = (file: string): string => readable(() => readlinkSync(file), '')
