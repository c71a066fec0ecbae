import { open } from 'node:fs/promises'
import { HallpassError } from '../../../contract/errors.ts'
import type { OpenapiSource } from '../../../contract/http-connection.ts'
import type { FetchWhole } from '../../egress/fetch-whole.ts'

const LONGEST_BYTES = 32 * 1024 * 1024
const MOST_REDIRECTS = 3

/** What goes along with a request to the connection's own origin, and to no other. */
export interface SourceCredentials {
  origin: string
  headers: Record<string, string>
  query: [name: string, value: string] | null
}

/** The text of a document. The engine reads files and addresses that its owner named, and nothing that a document names. */
export async function loadOpenapiSource(
  source: OpenapiSource,
  fetchWhole: FetchWhole,
  credentials: SourceCredentials | null,
  signal: AbortSignal,
): Promise<string> {
  if ('text' in source) return source.text
  return 'path' in source ? readDocumentFile(source.path) : fetchDocument(source.url, fetchWhole, credentials, signal)
}

async function readDocumentFile(path: string): Promise<string> {
  let handle
  try {
    handle = await open(path, 'r')
    const found = await handle.stat()
    if (!found.isFile()) throw new HallpassError('INVALID_REQUEST', 'openapi: the path leads to no file.')
    if (found.size > LONGEST_BYTES)
      throw new HallpassError('INVALID_REQUEST', 'openapi: the file is larger than 32 MiB.')
    return await handle.readFile('utf8')
  } catch (thrown) {
    if (thrown instanceof HallpassError) throw thrown
    const code = (thrown as NodeJS.ErrnoException).code
    throw new HallpassError(
      'INVALID_REQUEST',
      code === 'ENOENT'
        ? 'openapi: there is no file at that path.'
        : `openapi: the file cannot be read (${code ?? 'unknown'}).`,
      { cause: thrown },
    )
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
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const target = URL.parse(url)
    if (target === null || (target.protocol !== 'http:' && target.protocol !== 'https:'))
      throw new HallpassError('INVALID_REQUEST', 'openapi: the address must be an http or https address.')
    const known = credentials !== null && target.origin === credentials.origin ? credentials : null
    if (known?.query !== null && known !== null) target.searchParams.set(known.query[0], known.query[1])
    const headers = {
      accept: 'application/json, application/yaml;q=0.9, */*;q=0.5',
      'accept-encoding': 'identity',
      ...known?.headers,
    }
    const reply = await fetchWhole({ url: target.href, method: 'GET', headers, what: 'openapi' }, signal)
    if (reply.status >= 300 && reply.status < 400 && reply.location !== null) {
      const next = URL.parse(reply.location, url)
      if (next === null)
        throw new HallpassError(
          'UPSTREAM_ERROR',
          `openapi: ${target.origin} answers with a redirect that leads nowhere.`,
        )
      url = next.href
      continue
    }
    if (reply.status !== 200)
      throw new HallpassError(
        'UPSTREAM_ERROR',
        `openapi: ${target.origin} answers ${reply.status} for the document. Check its address, or download it and give the file.`,
      )
    return reply.text
  }
  throw new HallpassError(
    'UPSTREAM_ERROR',
    `openapi: the address of the document redirects more than ${MOST_REDIRECTS} times.`,
  )
}
