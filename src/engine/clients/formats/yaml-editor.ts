import { isMap, isPair, isScalar, isSeq, parseDocument, type Document, type Pair, type YAMLMap } from 'yaml'
import {
  contentEnd,
  endOfLine,
  hideLines,
  lineEnd,
  lineStart,
  UneditableText,
  type ConfigEditor,
} from './config-editor.ts'

/** Creates an editor for YAML with servers in a block mapping under the key. */
export function createYamlEditor(): ConfigEditor {
  return {
    parse(text) {
      const data: unknown = documentOf(text).toJS()
      if (data === null || data === undefined) return {}
      if (typeof data !== 'object' || Array.isArray(data)) throw new SyntaxError("it doesn't contain a YAML mapping")
      return data as Record<string, unknown>
    },
    put(text, key, name, entry) {
      const eol = endOfLine(text)
      const document = documentOf(text)
      const parent = pairIn(document.contents, key)
      if (parent === null) {
        const ended = text === '' || text.endsWith('\n') ? text : text + eol
        return `${ended}${key}:${eol}${block(name, entry, '  ', eol)}`
      }
      const servers = parent.value
      if (isMap(servers) && servers.items.length > 0) {
        const old = spanIn(text, servers, name)
        const indent = indentOf(text, servers)
        if (old !== null) return text.slice(0, old[0]) + block(name, entry, indent, eol) + text.slice(old[1])
        const at = endOfMap(text, servers)
        const gap = at > 0 && text[at - 1] !== '\n' ? eol : ''
        return text.slice(0, at) + gap + block(name, entry, indent, eol) + text.slice(at)
      }
      return startBlock(text, parent, block(name, entry, '  ', eol))
    },
    remove(text, key, name) {
      const servers = pairIn(documentOf(text).contents, key)?.value
      const span = isMap(servers) ? spanIn(text, servers, name) : null
      if (span === null || !isMap(servers)) throw new UneditableText(`it has no entry "${name}"`)
      if (servers.items.length > 1) return text.slice(0, span[0]) + text.slice(span[1])
      const head = text.slice(0, span[0]).replace(/:([^\S\r\n]*(?:#[^\n]*)?\r?\n)$/, ': {}$1')
      return head + text.slice(span[1])
    },
    mask(text, key, name, showEntry) {
      const servers = pairIn(documentOf(text).contents, key)?.value
      return hideLines(
        text,
        showEntry && isMap(servers) && servers.items.length > 0 && !servers.flow ? spanIn(text, servers, name) : null,
      )
    },
  }
}

export function documentOf(text: string): Document.Parsed {
  const document = parseDocument(text, { prettyErrors: false })
  const [error] = document.errors
  // The library's message can quote the file, which may contain secrets, so only the position is reported.
  if (error !== undefined)
    throw new SyntaxError(`line ${text.slice(0, error.pos[0]).split('\n').length}: this isn't valid YAML`, {
      cause: error,
    })
  return document
}

export function pairIn(map: unknown, key: string): Pair | null {
  if (!isMap(map)) return null
  return map.items.find((one) => isScalar(one.key) && one.key.value === key) ?? null
}

function keyStart(pair: Pair): number {
  return isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
}

function indentOf(text: string, map: YAMLMap): string {
  const [first] = map.items
  if (first === undefined || map.flow === true) throw new UneditableText('its servers are written inline, in braces')
  const start = keyStart(first)
  return text.slice(lineStart(text, start), start)
}

/** Returns the lines of one entry, from its key to the last line with content. */
function spanIn(text: string, map: YAMLMap, name: string): [number, number] | null {
  if (map.flow === true) throw new UneditableText('its servers are written inline, in braces')
  const index = map.items.findIndex((one) => isScalar(one.key) && one.key.value === name)
  const pair = map.items[index]
  if (pair === undefined) return null
  const next = map.items[index + 1]
  const start = lineStart(text, keyStart(pair))
  return [
    start,
    next === undefined
      ? endOfMap(text, map)
      : contentEnd(text, Math.max(start, leafEnd(pair) - 1), lineStart(text, keyStart(next))),
  ]
}

function endOfMap(text: string, map: YAMLMap): number {
  const last = map.items.at(-1)
  const start = last === undefined ? 0 : keyStart(last)
  const value = last?.value
  const end =
    typeof value === 'object' && value !== null && 'range' in value
      ? (value.range as [number, number, number] | null)?.[1]
      : undefined
  const reached = end ?? start
  const whole = reached > 0 && text[reached - 1] === '\n' ? reached : lineEnd(text, reached)
  return contentEnd(text, last === undefined ? start : Math.max(start, leafEnd(last) - 1), whole)
}

/** Returns the end of a node's last value. In a block scalar, a line that starts with # isn't a comment. */
export function leafEnd(whole: unknown): number {
  let node: unknown = isPair(whole) ? (whole.value ?? whole.key) : whole
  for (;;) {
    const last: unknown = isMap(node) ? node.items.at(-1) : isSeq(node) ? node.items.at(-1) : undefined
    if (last === undefined || last === null) break
    node = isPair(last) ? (last.value ?? last.key) : last
  }
  return isScalar(node) ? (node.range?.[1] ?? 0) : 0
}

/** Handles `key:` without servers: with nothing after it, or an empty mapping. */
export function startBlock(text: string, parent: Pair, lines: string): string {
  const eol = endOfLine(text)
  const start = lineStart(text, keyStart(parent))
  const end = lineEnd(text, start)
  const found = /^([^\s:#]+:)[ \t]*(?:\{[ \t]*\}|\[[ \t]*\]|null|~)?[ \t]*(#[^\r\n]*)?\r?\n?$/.exec(
    text.slice(start, end),
  )
  if (found === null) throw new UneditableText("its list of servers can't be edited safely")
  return (
    text.slice(0, start) + found[1] + (found[2] === undefined ? '' : ` ${found[2]}`) + eol + lines + text.slice(end)
  )
}

/** Every JSON string is a valid YAML string. */
function block(name: string, entry: Record<string, unknown>, indent: string, eol: string): string {
  const lines = Object.entries(entry).map(
    ([key, value]) => `${indent}${indent === '' ? '  ' : indent}${key}: ${JSON.stringify(value)}${eol}`,
  )
  return `${indent}${name}:${eol}${lines.join('')}`
}
