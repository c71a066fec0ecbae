import { invalidRequest } from '../errors.ts'
import { parseUrl } from './parse-url.ts'

export interface GristAddress {
  /** Base URL of the server: origin and path of the installation, without a trailing slash. */
  server: string
  /** The team site in the URL. Document IDs are unique across team sites, so requests don't need it. */
  org?: string
  doc: string
}

const DOC_ID = /^[A-Za-z0-9_-]{1,128}(~[A-Za-z0-9_~-]{1,128})?$/
/** Document IDs in Grist's URLs have 22 characters, or 12 in the short form. Forks add `~…` parts. */
const DOC_ID_IN_PATH = /^([A-Za-z0-9_-]{12}|[A-Za-z0-9_-]{22})(~[A-Za-z0-9_~-]+)?$/
const ODD_PATH = /\\|%2f|%5c|%00|%0a|%0d/i

/**
 * Reads the URL of a Grist document: a server's URL with a document ID, or the document's own URL as the browser shows it.
 * Query and fragment are dropped. Throws INVALID_REQUEST with the field `config.url` or `config.doc`.
 */
export function parseGristAddress(url: string, doc?: string): GristAddress {
  const parsed = webAddress(url)
  if (doc !== undefined && !DOC_ID.test(doc)) {
    throw invalidRequest("Invalid document ID. It's the part of the document's URL after the host name.", 'config.doc')
  }
  const segments = parsed.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
  const org = takeOrg(segments)
  const found = findDocument(segments, doc)
  if (found === null) {
    throw invalidRequest(
      "This URL is a Grist server, not a document. Enter the document's URL, or add the document ID.",
      'config.url',
      { reason: 'no_document' },
    )
  }
  const below = segments.slice(0, found.at).map(encodeURIComponent)
  return { server: [parsed.origin, ...below].join('/'), ...(org === null ? {} : { org }), doc: found.doc }
}

function webAddress(url: string): URL {
  const parsed = parseUrl(url.trim())
  if (parsed === null) throw invalidRequest('Enter an address starting with https://', 'config.url')
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw invalidRequest('Enter an address starting with https://', 'config.url')
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalidRequest(
      "Remove the username and password from the URL. The API key is the connection's secret.",
      'config.url',
    )
  }
  // Checks the raw text, because parsing turned backslashes into slashes.
  const path = url.trim().replace(/[?#].*$/s, '')
  if (ODD_PATH.test(path))
    throw invalidRequest(
      "The URL's path can't contain encoded slashes, backslashes or control characters.",
      'config.url',
    )
  return parsed
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw invalidRequest("The URL's path contains an invalid % sequence.", 'config.url')
  }
}

/** Removes `/o/{org}` from the path, wherever it is. */
function takeOrg(segments: string[]): string | null {
  const at = segments.indexOf('o')
  const org = at === -1 ? undefined : segments[at + 1]
  if (org === undefined) return null
  segments.splice(at, 2)
  return org
}

/** Returns the document in the path and the number of segments before it. `doc`, if given, must match it. */
function findDocument(segments: string[], doc: string | undefined): { doc: string; at: number } | null {
  const api = segments.findIndex((segment, index) => segment === 'api' && segments[index + 1] === 'docs')
  const page = segments.findIndex((segment, index) => segment === 'doc' && DOC_ID.test(segments[index + 1] ?? ''))
  const marked = api !== -1 ? { at: api, skip: 2 } : page !== -1 ? { at: page, skip: 1 } : null
  if (marked !== null) {
    const named = segments[marked.at + marked.skip]
    if (named === undefined) return doc === undefined ? null : { doc, at: marked.at }
    if (!DOC_ID.test(named)) throw invalidRequest("The URL doesn't contain a valid Grist document ID.", 'config.url')
    return agree(named, marked.at, doc)
  }
  if (doc !== undefined && segments.includes(doc)) return { doc, at: segments.indexOf(doc) }
  const lookalikes = segments.flatMap((segment, at) => (DOC_ID_IN_PATH.test(segment) ? [{ segment, at }] : []))
  // A plain word of twelve letters may be a folder of the server. Real IDs nearly always mix cases or have a digit.
  const best = lookalikes.find(
    ({ segment }) => /[0-9]/.test(segment) || (/[a-z]/.test(segment) && /[A-Z]/.test(segment)),
  )
  if (doc !== undefined) return best === undefined ? { doc, at: segments.length } : agree(best.segment, best.at, doc)
  const chosen = best ?? lookalikes[0]
  return chosen === undefined ? null : { doc: chosen.segment, at: chosen.at }
}

function agree(named: string, at: number, doc: string | undefined): { doc: string; at: number } {
  // The short ID of a URL is the beginning of the long one.
  if (doc === undefined || doc === named || named.startsWith(doc) || doc.startsWith(named))
    return { doc: doc ?? named, at }
  throw invalidRequest("The document ID doesn't match the URL. Leave one of them out.", 'config.doc')
}
