import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isIP } from 'node:net'
import { HallpassError, invalidRequest } from '../../../../contract/errors.ts'
import type { HttpConnectionConfig, OpenapiSource } from '../../../../contract/upstreams/http-connection.ts'
import { classOf, type AddressClass } from '../../../egress/address-class.ts'
import type { FetchWhole } from '../../../egress/fetch-whole.ts'
import type { Secret } from '../../../secrets/secret.ts'
import { createCredentials } from '../../credentials.ts'

const MAX_REDIRECTS = 3
const FIELD = 'config.openapi'

/** Sent only to the connection's own origin. */
interface SourceCredentials {
  origin: string
  headers: Record<string, string>
  query: [name: string, value: string] | null
}

/** Returns the credentials for a document on the connection's own origin, or null for any other document. */
export async function sourceCredentials(
  source: OpenapiSource,
  config: HttpConnectionConfig,
  secret: () => Promise<Secret>,
): Promise<SourceCredentials | null> {
  const { auth } = config
  if (auth === undefined || auth.type === 'none' || auth.type === 'oauth' || !('url' in source)) return null
  const origin = URL.parse(config.url)?.origin ?? ''
  if (URL.parse(source.url)?.origin !== origin) return null
  const { header, query } = createCredentials(auth, (await secret()).reveal())
  return { origin, headers: header === null ? {} : Object.fromEntries([header]), query }
}

/** Returns the text of a document. Reads only files and URLs that the owner named, and none that a document names. */
export async function loadOpenapiSource(
  source: OpenapiSource,
  fetchWhole: FetchWhole,
  credentials: SourceCredentials | null,
  signal: AbortSignal,
  maxBytes: number,
): Promise<string> {
  if ('text' in source) return source.text
  return 'path' in source
    ? readDocumentFile(source.path, maxBytes)
    : fetchDocument(source.url, fetchWhole, credentials, signal)
}

async function readDocumentFile(path: string, maxBytes: number): Promise<string> {
  let handle
  try {
    // Non-blocking, because opening a pipe without a writer would wait forever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const found = await handle.stat()
    if (!found.isFile()) throw invalidRequest("The OpenAPI path isn't a file.", FIELD)
    if (found.size > maxBytes)
      throw invalidRequest(
        `The OpenAPI file is larger than ${maxBytes / 1024 / 1024} MiB. Choose operations with --operation or --tag, or split the file.`,
        FIELD,
      )
    return await handle.readFile('utf8')
  } catch (thrown) {
    if (thrown instanceof HallpassError) throw thrown
    const code = (thrown as NodeJS.ErrnoException).code
    const sentence =
      code === 'ENOENT' ? 'OpenAPI file not found.' : `Couldn't read the OpenAPI file (${code ?? 'unknown'}).`
    throw invalidRequest(sentence, FIELD, { cause: thrown })
  } finally {
    await handle?.close()
  }
}

async function fetchDocument(
  address: string,
  fetchWhole: FetchWhole,
  credentials: SourceCredentials | null,
  signal: AbortSignal,
): Promise<string> {
  let url = address
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const target = URL.parse(url)
    if (hop > 0) rejectInward(url, address)
    if (target === null || (target.protocol !== 'http:' && target.protocol !== 'https:'))
      throw invalidRequest('The OpenAPI URL must start with https:// or http://.', FIELD)
    const own = credentials !== null && target.origin === credentials.origin ? credentials : null
    if (own !== null && own.query !== null) target.searchParams.set(own.query[0], own.query[1])
    const headers = {
      accept: 'application/json, application/yaml;q=0.9, */*;q=0.5',
      'accept-encoding': 'identity',
      ...own?.headers,
    }
    const reply = await fetchWhole(
      { url: target.href, method: 'GET', headers, hasSecret: own !== null, what: FIELD },
      signal,
    )
    if (reply.status >= 300 && reply.status < 400 && reply.location !== null) {
      const next = URL.parse(reply.location, url)
      if (next === null) throw failed(`${target.origin} sent a redirect without a valid URL.`)
      url = next.href
      continue
    }
    if (reply.status !== 200)
      throw failed(
        `${target.origin} returned status ${reply.status} for the OpenAPI document. Check the URL, or download the document and use the file.`,
      )
    return reply.text
  }
  throw failed(`The OpenAPI URL redirects more than ${MAX_REDIRECTS} times.`)
}

/** Rejects a redirect into this computer or network, unless the owner's URL is there too. */
function rejectInward(url: string, owners: string): void {
  const [kind, ownersKind] = [literalClass(url), literalClass(owners)]
  if (kind === null || kind === 'public' || kind === ownersKind) return
  throw failed(
    `The OpenAPI URL redirects to ${URL.parse(url)?.origin ?? 'an address'}, on this computer or in a private network.`,
  )
}

/** Returns the class of a host that is an address or localhost. Null for a name, which is checked when it is dialed. */
function literalClass(url: string): AddressClass | null {
  const hostname = (URL.parse(url)?.hostname ?? '').replaceAll(/^\[|\]$/g, '')
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return 'loopback'
  return isIP(hostname) === 0 ? null : classOf(hostname)
}

function failed(sentence: string): HallpassError {
  return new HallpassError('UPSTREAM_ERROR', sentence, { field: FIELD })
}
