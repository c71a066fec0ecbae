import { parseUrl } from '../../../../contract/upstreams/parse-url.ts'
/**
 * Returns a connection name for a title, file name or host. Other characters become hyphens. Returns an empty text if
 * nothing is left.
 */
function suggestName(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
}

/** Suggests the file's name without its extension. */
export function suggestFileName(path: string): string {
  const file = path.trim().split(/[\\/]/).at(-1) ?? ''
  return suggestName(file.replace(/\.[A-Za-z0-9]{1,8}$/, ''))
}

/** Suggests the words after the document ID in a Grist URL. */
export function suggestDocumentName(url: string, doc: string): string {
  const segments = parseUrl(url.trim())?.pathname.split('/') ?? []
  const title = segments[segments.indexOf(doc) + 1]
  return segments.includes(doc) && title !== undefined && !['p', 'm', 'o'].includes(title) ? suggestName(title) : ''
}

/** Suggests the main part of the host: "github" for "api.github.com". */
export function suggestHostName(address: string): string {
  const host = parseUrl(address.trim())?.hostname ?? ''
  if (host === '' || /^[\d.[\]:a-f]+$/.test(host)) return ''
  const parts = host.split('.').filter((part) => !['www', 'api', 'mcp', 'app'].includes(part))
  return suggestName((parts.length > 1 ? parts.at(-2) : parts[0]) ?? '')
}

/** Suggests the package or program that the command runs, without its launcher. */
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
