import { isMap, isSeq, type YAMLSeq } from 'yaml'
import { isObject } from '../../text/json.ts'
import {
  contentEnd,
  endOfLine,
  hideLines,
  lineEnd,
  lineStart,
  UneditableText,
  type ConfigEditor,
} from './config-editor.ts'
import { createYamlEditor, documentOf, leafEnd, pairIn, startBlock } from './yaml-editor.ts'

const CANNOT_EDIT = "its list of servers can't be edited safely"

/** Creates an editor for YAML with servers in a block list under the key, each with a `name`. */
export function createYamlListEditor(): ConfigEditor {
  const { parse } = createYamlEditor()
  return {
    parse(text) {
      const data = parse(text)
      return Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Array.isArray(value) ? byName(value) : value]),
      )
    },
    put(text, key, name, entry) {
      const eol = endOfLine(text)
      const parent = pairIn(documentOf(text).contents, key)
      if (parent === null) {
        const ended = text === '' || text.endsWith('\n') ? text : text + eol
        return `${ended}${key}:${eol}${item(entry, '  ', eol)}`
      }
      const servers = parent.value
      if (!isSeq(servers) || servers.items.length === 0) return startBlock(text, parent, item(entry, '  ', eol))
      const old = spanOf(text, servers, name)
      const indent = indentOf(text, servers)
      if (old !== null) return text.slice(0, old[0]) + item(entry, indent, eol) + text.slice(old[1])
      const [, at] = spanAt(text, servers, servers.items.length - 1)
      const gap = at > 0 && text[at - 1] !== '\n' ? eol : ''
      return text.slice(0, at) + gap + item(entry, indent, eol) + text.slice(at)
    },
    remove(text, key, name) {
      const servers = pairIn(documentOf(text).contents, key)?.value
      const span = isSeq(servers) ? spanOf(text, servers, name) : null
      if (span === null || !isSeq(servers)) throw new UneditableText(`it has no entry "${name}"`)
      if (servers.items.length > 1) return text.slice(0, span[0]) + text.slice(span[1])
      const head = text.slice(0, span[0]).replace(/:([^\S\r\n]*(?:#[^\n]*)?\r?\n)$/, ': []$1')
      return head + text.slice(span[1])
    },
    mask(text, key, name, showEntry) {
      const servers = pairIn(documentOf(text).contents, key)?.value
      return hideLines(text, showEntry && isSeq(servers) && servers.flow !== true ? spanOf(text, servers, name) : null)
    },
  }
}

/**
 * Returns the items by name. Unnamed items and duplicates get unique names, so that an edit can't lose them unnoticed.
 */
function byName(items: readonly unknown[]): Record<string, unknown> {
  const named: Record<string, unknown> = {}
  for (const one of items) {
    const name = isObject(one) && typeof one['name'] === 'string' ? one['name'] : ''
    let key = name
    for (let count = 2; key === '' || Object.hasOwn(named, key); count++) key = `${name}#${count}`
    named[key] = one
  }
  return named
}

function spanOf(text: string, servers: YAMLSeq, name: string): [number, number] | null {
  const index = servers.items.findIndex((one) => isMap(one) && one.get('name') === name)
  return index === -1 ? null : spanAt(text, servers, index)
}

/** Returns the lines of one item, from its dash to the last line with content. */
function spanAt(text: string, servers: YAMLSeq, index: number): [number, number] {
  const start = itemStart(text, servers, index)
  const reached = rangeOf(servers.items[index])[1]
  const next = index + 1 < servers.items.length ? itemStart(text, servers, index + 1) : null
  const end = next ?? (text[reached - 1] === '\n' ? reached : lineEnd(text, reached))
  return [start, contentEnd(text, Math.max(start, leafEnd(servers.items[index]) - 1), end)]
}

function itemStart(text: string, servers: YAMLSeq, index: number): number {
  const [content] = rangeOf(servers.items[index])
  const start = lineStart(text, content)
  if (servers.flow === true || !/^[ \t]*-[ \t]+$/.test(text.slice(start, content)))
    throw new UneditableText(CANNOT_EDIT)
  return start
}

function rangeOf(node: unknown): [number, number] {
  const range = isObject(node) ? (node['range'] as [number, number, number] | null | undefined) : undefined
  if (range === null || range === undefined) throw new UneditableText(CANNOT_EDIT)
  return [range[0], range[1]]
}

function indentOf(text: string, servers: YAMLSeq): string {
  const start = itemStart(text, servers, 0)
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? ''
}

/** Writes strings as JSON, because every JSON string is a YAML string. */
function item(entry: Record<string, unknown>, indent: string, eol: string): string {
  return Object.entries(entry)
    .map(([key, value], index) => `${indent}${index === 0 ? '- ' : '  '}${key}: ${JSON.stringify(value)}${eol}`)
    .join('')
}
