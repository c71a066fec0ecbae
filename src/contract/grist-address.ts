import { HallpassError } from './errors.ts'
import { parseUrl } from './parse-url.ts'

export interface GristAddress {
  /** Where the server's own pages start: origin and path of the installation, without a trailing slash. */
  server: string
  /** The team site named in the address. Document ids are unique over all of them, so requests do not need it. */
  org?: string
  doc: string
}

const DOC_ID = /^[A-Za-z0-9_-]{1,128}(~[A-Za-z0-9_~-]{1,128})?$/
/** The ids that Grist puts into addresses have 22 characters, the short ones 12; forks add `~…` parts. */
const DOC_ID_IN_PATH = /^([A-Za-z0-9_-]{12}|[A-Za-z0-9_-]{22})(~[A-Za-z0-9_~-]+)?$/
const ODD_PATH = /\\|%2f|%5c|%00|%0a|%0d/i

/**
 * Reads the address of a Grist document: a server's URL with a document id, or the address of the document itself as the
 * browser shows it. Query and fragment are dropped. Throws INVALID_REQUEST saying whether `url` or `doc` is wrong.
 */
export function parseGristAddress(url: string, doc?: string): GristAddress {
  const parsed = webAddress(url)
  if (doc !== undefined && !DOC_ID.test(doc)) {
    throw new HallpassError(
      'INVALID_REQUEST',
      "doc is not the id of a Grist document: it is the part after the host in the document's address.",
    )
  }
  const segments = parsed.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
  const org = takeOrg(segments)
  const found = findDocument(segments, doc)
  if (found === null) {
    throw new HallpassError(
      'INVALID_REQUEST',
      "doc is missing: url names a Grist server but no document. Give the document's id as doc, or the document's own address as url.",
    )
  }
  const below = segments.slice(0, found.at).map(encodeURIComponent)
  return { server: [parsed.origin, ...below].join('/'), ...(org === null ? {} : { org }), doc: found.doc }
}

function webAddress(url: string): URL {
  const parsed = parseUrl(url.trim())
  if (parsed === null)
    throw new HallpassError('INVALID_REQUEST', 'url is not an address: it starts with https:// or http://.')
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw new HallpassError('INVALID_REQUEST', 'url must start with https:// or http://.')
  if (parsed.username !== '' || parsed.password !== '') {
    throw new HallpassError(
      'INVALID_REQUEST',
      "url holds a user name or password: leave them out, the key is given as the connection's secret.",
    )
  }
  // The raw text: parsing has turned backslashes into slashes by now.
  const path = url.trim().replace(/[?#].*$/s, '')
  if (ODD_PATH.test(path))
    throw new HallpassError(
      'INVALID_REQUEST',
      'url holds an encoded slash, a backslash or a control character in its path.',
    )
  return parsed
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new HallpassError('INVALID_REQUEST', 'url holds a broken % sequence in its path.')
  }
}

/** Cuts `/o/{org}` out of the path, wherever the installation lives. */
function takeOrg(segments: string[]): string | null {
  const at = segments.indexOf('o')
  const org = at === -1 ? undefined : segments[at + 1]
  if (org === undefined) return null
  segments.splice(at, 2)
  return org
}

/** The document in the path and the number of segments before its address; `doc`, where given, must agree with it. */
function findDocument(segments: string[], doc: string | undefined): { doc: string; at: number } | null {
  const api = segments.findIndex((segment, index) => segment === 'api' && segments[index + 1] === 'docs')
  const page = segments.findIndex((segment, index) => segment === 'doc' && DOC_ID.test(segments[index + 1] ?? ''))
  const marked = api !== -1 ? { at: api, skip: 2 } : page !== -1 ? { at: page, skip: 1 } : null
  if (marked !== null) {
    const named = segments[marked.at + marked.skip]
    if (named === undefined) return doc === undefined ? null : { doc, at: marked.at }
    if (!DOC_ID.test(named))
      throw new HallpassError('INVALID_REQUEST', 'url does not name a Grist document after its server.')
    return agree(named, marked.at, doc)
  }
  if (doc !== undefined && segments.includes(doc)) return { doc, at: segments.indexOf(doc) }
  const lookalikes = segments.flatMap((segment, at) => (DOC_ID_IN_PATH.test(segment) ? [{ segment, at }] : []))
  // A plain word of twelve letters may be a folder of the server; real ids nearly always mix cases or have a digit.
  const best = lookalikes.find(
    ({ segment }) => /[0-9]/.test(segment) || (/[a-z]/.test(segment) && /[A-Z]/.test(segment)),
  )
  if (doc !== undefined) return best === undefined ? { doc, at: segments.length } : agree(best.segment, best.at, doc)
  const chosen = best ?? lookalikes[0]
  return chosen === undefined ? null : { doc: chosen.segment, at: chosen.at }
}

function agree(named: string, at: number, doc: string | undefined): { doc: string; at: number } {
  // The short id of an address is the beginning of the long one.
  if (doc === undefined || doc === named || named.startsWith(doc) || doc.startsWith(named))
    return { doc: doc ?? named, at }
  throw new HallpassError(
    'INVALID_REQUEST',
    "doc and the document named in url are two different ones: give the server's URL, or leave doc out.",
  )
}
