import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageKey, type PluralForms } from '../../src/contract/text/translate.ts'
import { nameOf, parseSource, textsOf, walk, type Node } from './syntax-tree.ts'
import { isTextTag, looksLikeText, placeOf } from './text-place.ts'

const root = join(import.meta.dirname, '../..')

/** Sources whose texts people read on screens, in menus, dialogs and notifications. */
const SOURCES_WITH_TEXTS = [
  'src/renderer/**/*.{ts,tsx}',
  'src/main/index.ts',
  'src/main/create-desktop.ts',
  'src/main/application-menu.ts',
  'src/main/notifications/*.ts',
  'src/main/engine/{attach-engine,create-engine-link}.ts',
  'src/main/ipc/{confirmations,token-confirmations,shell-actions}.ts',
  'src/main/tray/*.ts',
  'src/main/window/*.ts',
] as const

/** Files of commands and programs, which are the same in every language. */
const CODE_FILES = /\/(?:client-snippets|curl-command|curl-text|export-command|vite\.config)\.ts$/

/** Names, examples and fonts, which are the same in every language. */
const CODE_TEXTS: ReadonlySet<string> = new Set([
  'Hallpass',
  'PowerShell',
  'Command Prompt',
  'Python',
  'hallpass',
  'bin/hallpass',
  'hallpass console',
  'hallpass run',
  'npx -y @modelcontextprotocol/server-everything',
  'GITHUB_TOKEN',
  'openapi: 3.1.0',
  'sales',
  'welcome',
  // Values of a property.
  'variable',
  'header',
  // The engine's text for a missing permission.
  '{} on {}',
  'tray',
  'mod + K',
  'X-API-Key',
  'api_key',
  'GRIST_API_KEY',
  '/run/secrets/api-key',
  'Bearer {}',
  'NAME',
  'PORT',
  'ArrowDown',
  'ArrowUp',
  'PageDown',
  'PageUp',
  'log',
  '{}-log',
  'hallpass stdio --project {} --as {}',
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, "DejaVu Sans Mono", monospace',
  // Services of the catalog.
  'Authorization',
  'Brave Search',
  'Context7',
  'Filesystem',
  'Firecrawl',
  'GitHub (MCP)',
  'GitHub (API)',
  'GitLab',
  'Memory',
  'Notion',
  'OpenAI',
  'Playwright',
  'Stripe',
  // A sentence of the engine's protocol check, which goes with the engine's own.
  '{}; this app is {}',
])

/** Returns the paths and contents of all sources with texts. */
export function sourcesWithTexts(): { path: string; source: string }[] {
  return SOURCES_WITH_TEXTS.flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, source: readFileSync(join(root, path), 'utf8') }))
}

/** Returns the texts of a source that have no key, with their lines. */
export function textsWithoutKey(path: string, source: string): { line: number; text: string }[] {
  if (CODE_FILES.test(path)) return []
  const found: { line: number; text: string }[] = []
  walk(parseSource(path, source), (node, above) => {
    const text = visibleText(node, above)
    if (text !== null && !CODE_TEXTS.has(text) && !isAddress(text))
      found.push({ line: source.slice(0, node.start).split('\n').length, text })
  })
  return found
}

/** Addresses and paths are the same in every language. */
function isAddress(text: string): boolean {
  return /^(?:https?:\/)?\/\S+$/.test(text)
}

function visibleText(node: Node, above: readonly Node[]): string | null {
  if (node.type === 'JSXText') {
    const text = String(node.value).replaceAll(/\s+/g, ' ').trim()
    return hasLetter(text) ? text : null
  }
  const isTemplate = node.type === 'TemplateLiteral' && above.at(-1)?.type !== 'TaggedTemplateExpression'
  if (!isTemplate && !(node.type === 'Literal' && typeof node.value === 'string')) return null
  const place = placeOf(node, above)
  if (place === null) return null
  const texts = isTemplate ? textsOf(node) : [String(node.value)]
  const isText = place === 'text' ? texts.some(hasLetter) : looksLikeText(texts.join('1'))
  return isText ? texts.join('{}') : null
}

function hasLetter(text: string): boolean {
  return /\p{L}/u.test(text)
}

/** Returns the keys of a source's texts. */
export function messageKeys(path: string, source: string): string[] {
  const keys: string[] = []
  walk(parseSource(path, source), (node) => {
    const template = node.quasi
    if (node.type !== 'TaggedTemplateExpression' || !isTextTag(node) || template === undefined) return
    keys.push(messageKey(textsOf(template), (template.expressions ?? []).map(pluralForms)))
  })
  return keys
}

function pluralForms(value: Node): PluralForms | null {
  if (!isPlural(value)) return null
  const [, one, other] = value.arguments ?? []
  return [String(one?.value), String(other?.value)]
}

/** Returns the lines with a plural outside a text. Its key can't be derived from the source. */
export function loosePlurals(path: string, source: string): number[] {
  const lines: number[] = []
  walk(parseSource(path, source), (node, above) => {
    const tagged = above.at(-1)?.type === 'TemplateLiteral' ? above.at(-2) : undefined
    if (isPlural(node) && !(tagged !== undefined && isTextTag(tagged)))
      lines.push(source.slice(0, node.start).split('\n').length)
  })
  return lines
}

function isPlural(node: Node): boolean {
  return node.type === 'CallExpression' && nameOf(node.callee) === 'plural'
}
