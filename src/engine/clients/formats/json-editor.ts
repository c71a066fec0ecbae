import {
  createScanner,
  findNodeAtLocation,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser'
import { endOfLine, HIDDEN, lineEnd, lineStart, UneditableText, type ConfigEditor } from './config-editor.ts'
import { isObject } from '../../text/json.ts'

/** Token kinds of the scanner, whose own enum exists only at compile time. */
const TOKEN = {
  comma: 5,
  colon: 6,
  string: 10,
  number: 11,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  space: 15,
  unknown: 16,
  end: 17,
} as const

interface JsonRules {
  comments: boolean
}

/** Creates an editor for JSON, optionally with comments and trailing commas. */
export function createJsonEditor({ comments }: JsonRules): ConfigEditor {
  function treeOf(text: string): Node | null {
    if (text.trim() === '') return null
    const errors: ParseError[] = []
    const root = parseTree(text, errors, { disallowComments: !comments, allowTrailingComma: comments })
    const [error] = errors
    if (error !== undefined) {
      throw new SyntaxError(
        `line ${text.slice(0, error.offset).split('\n').length}: ${printParseErrorCode(error.error)}`,
      )
    }
    if (root?.type !== 'object') throw new SyntaxError("it doesn't contain a JSON object")
    return root
  }

  function serversIn(root: Node, key: string): Node | undefined {
    const servers = findNodeAtLocation(root, [key])
    if (servers !== undefined && servers.type !== 'object') throw new UneditableText(`its "${key}" isn't an object`)
    return servers
  }

  return {
    parse(text) {
      const quick = plainJson(text)
      if (quick !== null) return quick
      const root = treeOf(text)
      return root === null ? {} : (dataOf(root) as Record<string, unknown>)
    },
    put(text, key, name, entry) {
      const eol = endOfLine(text)
      const root = treeOf(text)
      if (root === null) return printed({ [key]: { [name]: entry } }, '', '  ', eol) + eol
      const servers = serversIn(root, key)
      if (servers === undefined) return insert(text, root, key, { [name]: entry })
      const old = findNodeAtLocation(servers, [name])
      if (old === undefined) return insert(text, servers, name, entry)
      const value = text.slice(old.offset, endOf(old)).includes('\n')
        ? printed(entry, indentAt(text, old.offset), unitOf(text), eol)
        : JSON.stringify(entry)
      return spliced(text, old.offset, endOf(old), value)
    },
    remove(text, key, name) {
      const servers = findNodeAtLocation(treeOf(text) ?? noObject(), [key])
      const index = (servers?.children ?? []).findIndex((one) => one.children?.[0]?.value === name)
      if (servers === undefined || index === -1) throw new UneditableText(`it has no entry "${name}"`)
      return removed(text, servers, index)
    },
    mask(text, key, name, showEntry) {
      const root = treeOf(text)
      if (root === null) return text
      const entry = showEntry ? findNodeAtLocation(root, [key, name]) : undefined
      return masked(text, entry !== undefined && isAsRead(text, entry) ? [entry.offset, endOf(entry)] : null)
    },
  }
}

/** Most files are plain JSON, which the runtime parses much faster. Returns null for others. */
function plainJson(text: string): Record<string, unknown> | null {
  try {
    const data: unknown = JSON.parse(text)
    return isObject(data) ? data : null
  } catch {
    // Dropped, because the message quotes the file. The other parser reports only the position.
    return null
  }
}

function noObject(): never {
  throw new UneditableText('it is empty')
}

function endOf(node: Node): number {
  return node.offset + node.length
}

function spliced(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to)
}

/**
 * Returns values without a prototype, so that a key such as __proto__ is an ordinary key. The last of equal keys wins.
 */
function dataOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(dataOf)
  if (node.type !== 'object') return node.value
  const data = Object.create(null) as Record<string, unknown>
  for (const { children: [key, value] = [] } of node.children ?? []) {
    if (key !== undefined && value !== undefined) data[String(key.value)] = dataOf(value)
  }
  return data
}

/**
 * Returns whether the text contains exactly what was read from it. A duplicate key, for example, would hide a value.
 */
function isAsRead(text: string, node: Node): boolean {
  const itself = text.slice(node.offset, endOf(node))
  const bare = [...tokensOf(itself)]
    .filter(({ kind }) => !TRIVIA.has(kind))
    .map(({ offset, length }) => itself.slice(offset, offset + length))
    .join('')
  return bare === JSON.stringify(dataOf(node))
}

/** Returns the indentation unit of this text. */
function unitOf(text: string): string {
  return /\n([ \t]+)[^\s]/.exec(text)?.[1] ?? '  '
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? ''
}

function printed(value: unknown, indent: string, unit: string, eol: string): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + indent)
}

/** Adds a property to the end of the object, formatted like the existing ones. */
function insert(text: string, object: Node, key: string, value: unknown): string {
  const eol = endOfLine(text)
  const unit = unitOf(text)
  const close = endOf(object) - 1
  const last = object.children?.at(-1)
  const base = indentAt(text, object.offset)
  const property = (indent: string) => `${JSON.stringify(key)}: ${printed(value, indent, unit, eol)}`
  if (last === undefined) {
    const inner = text.slice(object.offset + 1, close).trimEnd()
    return spliced(text, object.offset + 1, close, `${inner}${eol}${base}${unit}${property(base + unit)}${eol}${base}`)
  }
  const comma = tokenIn(text, endOf(last), close, TOKEN.comma)
  const line = tokenIn(text, comma === null ? endOf(last) : comma + 1, close, TOKEN.lineBreak)
  const trailing = comma === null ? '' : ','
  if (line === null) {
    const at = comma === null ? endOf(last) : comma + 1
    return spliced(
      text,
      at,
      at,
      `${comma === null ? ', ' : ' '}${JSON.stringify(key)}: ${JSON.stringify(value)}${trailing}`,
    )
  }
  const alone = text.slice(lineStart(text, last.offset), last.offset).trim() === ''
  const indent = alone ? indentAt(text, last.offset) : base + unit
  const withProperty = spliced(text, line, line, `${eol}${indent}${property(indent)}${trailing}`)
  return comma === null ? spliced(withProperty, endOf(last), endOf(last), ',') : withProperty
}

/** Removes a property with its comma, and its lines if nothing else is on them. */
function removed(text: string, object: Node, index: number): string {
  const properties = object.children ?? []
  const property = properties[index] ?? noObject()
  const next = properties[index + 1]
  const close = endOf(object) - 1
  let from = property.offset
  let to = endOf(property)
  const comma = tokenIn(text, to, next?.offset ?? close, TOKEN.comma)
  if (comma !== null) to = comma + 1
  const start = lineStart(text, from)
  const end = lineEnd(text, to)
  const ownLines =
    start > object.offset && text.slice(start, from).trim() === '' && text.slice(to, end).trim() === '' && end <= close
  if (ownLines) {
    from = start
    to = end
  } else if (next !== undefined) {
    to += /^[ \t]*/.exec(text.slice(to, next.offset))?.[0].length ?? 0
  } else {
    from = text.slice(0, from).trimEnd().length
    if (/[^\S\r\n]*\/\/[^\n]*$/.test(text.slice(lineStart(text, from), from))) from = property.offset
  }
  const before = comma === null ? properties[index - 1] : undefined
  const needless = before === undefined ? null : tokenIn(text, endOf(before), property.offset, TOKEN.comma)
  let rest = spliced(text, from, to, '')
  if (needless !== null && needless < from) rest = spliced(rest, needless, needless + 1, '')
  if (properties.length > 1) return rest
  const innerEnd = close - (to - from)
  return rest.slice(object.offset + 1, innerEnd).trim() === '' ? spliced(rest, object.offset + 1, innerEnd, '') : rest
}

/** Returns the offset of the first such token between two token offsets. Comments count as tokens. */
function tokenIn(text: string, from: number, to: number, kind: number): number | null {
  for (const token of tokensOf(text.slice(from, to))) if (token.kind === kind) return from + token.offset
  return null
}

function* tokensOf(text: string): Generator<{ kind: number; offset: number; length: number }> {
  const scanner = createScanner(text, false)
  for (let kind: number = scanner.scan(); kind !== TOKEN.end; kind = scanner.scan()) {
    yield { kind, offset: scanner.getTokenOffset(), length: scanner.getTokenLength() }
  }
}

/** Keeps keys, because they show the structure. Every other string, number and comment may be a secret. */
function masked(text: string, shown: readonly [number, number] | null): string {
  const pieces: string[] = []
  let string: { at: number; itself: string } | null = null
  for (const { kind, offset, length } of tokensOf(text)) {
    const itself = text.slice(offset, offset + length)
    const inside = shown !== null && offset >= shown[0] && offset < shown[1]
    if (kind === TOKEN.colon && string !== null) pieces[string.at] = string.itself
    if (!TRIVIA.has(kind)) string = kind === TOKEN.string ? { at: pieces.length, itself } : null
    pieces.push(inside && !COMMENTS.has(kind) ? itself : (HIDDEN_AS.get(kind) ?? itself))
  }
  return pieces.join('')
}

const COMMENTS: ReadonlySet<number> = new Set([TOKEN.lineComment, TOKEN.blockComment])
const HIDDEN_AS: ReadonlyMap<number, string> = new Map([
  [TOKEN.lineComment, `// ${HIDDEN}`],
  [TOKEN.blockComment, `/* ${HIDDEN} */`],
  [TOKEN.string, `"${HIDDEN}"`],
  [TOKEN.number, HIDDEN],
  [TOKEN.unknown, HIDDEN],
])
const TRIVIA: ReadonlySet<number> = new Set([TOKEN.lineBreak, TOKEN.space, TOKEN.lineComment, TOKEN.blockComment])
