import { parseUrl } from '../../../../contract/upstreams/parse-url.ts'
/** A connection name out of a title, a file name or a host: what is no letter or digit becomes one hyphen. Empty when nothing is left. */
export function suggestName(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
}

/** From a path: the file's name without its ending. */
export function suggestFileName(path: string): string {
  const file = path.trim().split(/[\\/]/).at(-1) ?? ''
  return suggestName(file.replace(/\.[A-Za-z0-9]{1,8}$/, ''))
}

/** From the address of a Grist document: the words that the browser shows after its id. */
export function suggestDocumentName(url: string, doc: string): string {
  const segments = parseUrl(url.trim())?.pathname.split('/') ?? []
  const title = segments[segments.indexOf(doc) + 1]
  return segments.includes(doc) && title !== undefined && !['p', 'm', 'o'].includes(title) ? suggestName(title) : ''
}

/** From an address: the host's telling part, "api.github.com" → "github". */
export function suggestHostName(address: string): string {
  const host = parseUrl(address.trim())?.hostname ?? ''
  if (host === '' || /^[\d.[\]:a-f]+$/.test(host)) return ''
  const parts = host.split('.').filter((part) => !['www', 'api', 'mcp', 'app'].includes(part))
  return suggestName((parts.length > 1 ? parts.at(-2) : parts[0]) ?? '')
}

/** From a command: the package or program that is run, without what starts it. */
export function suggestCommandName(words: readonly string[]): string {
  const telling =
    words.find(
      (word) => !word.startsWith('-') && !/^(?:npx|bunx|uvx|uv|node|python3?|docker|run|tool|deno)$/.test(word),
    ) ?? ''
  const last = telling.split(/[\\/]/).at(-1) ?? ''
  return suggestName(
    last
      .replace(/@[\d.a-z^~-]*$/, '')
      .replace(/\.[a-z]{1,4}$/, '')
      .replace(/^(?:mcp-)?server-|-mcp(?:-server)?$/, ''),
  )
}
