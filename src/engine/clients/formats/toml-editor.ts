import { parse, stringify, type TomlTable } from 'smol-toml'
import { contentEnd, endOfLine, hideLines, lineEnd, UneditableText, type ConfigEditor } from './config-editor.ts'
import { isObject } from '../../text/json.ts'

/** Creates an editor for TOML with servers as tables `[key.name]`. A section is added at the end and removed whole. */
export function createTomlEditor(): ConfigEditor {
  return {
    parse: dataOf,
    put(text, key, name, entry) {
      const eol = endOfLine(text)
      const section = `[${key}.${name}]${eol}${lines(entry, eol)}`
      const old = sectionOf(text, key, name)
      if (old !== null) return text.slice(0, old[0]) + section + text.slice(old[1])
      if (text.trim() === '') return text + section
      const ended = text.endsWith('\n') ? text : text + eol
      return `${ended}${/\n\r?\n$/.test(ended) ? '' : eol}${section}`
    },
    remove(text, key, name) {
      const section = sectionOf(text, key, name)
      if (section === null) throw new UneditableText(`"${name}" isn't in its own section [${key}.${name}]`)
      const rest = text.slice(section[1])
      // Also removes the blank line before the section, unless it separates what follows.
      const before =
        rest.trim() === '' ? text.slice(0, section[0]).replace(/(\n)\r?\n$/, '$1') : text.slice(0, section[0])
      return before + (/\n\r?\n$|^$/.test(before) ? rest.replace(/^\r?\n/, '') : rest)
    },
    mask(text, key, name, showEntry) {
      return hideLines(text, showEntry ? sectionOf(text, key, name) : null)
    },
  }
}

function dataOf(text: string): Record<string, unknown> {
  try {
    // Integers beyond 2^53 are valid TOML and must stay exact.
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (thrown) {
    // The library's message quotes lines of the file, which may contain secrets, so only the position is reported.
    const line = thrown instanceof Error && 'line' in thrown ? `line ${String(thrown.line)}: ` : ''
    throw new SyntaxError(`${line}this isn't valid TOML`, { cause: thrown })
  }
}

function lines(entry: Record<string, unknown>, eol: string): string {
  return Object.entries(entry)
    .map(([key, value]) => `${key} = ${inline(value)}${eol}`)
    .join('')
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${key} = ${inline(one)}`)
      .join(', ')} }`
  return stringify({ v: value as string })
    .trim()
    .replace(/^v = /, '')
}

/** Returns the range from the header to the last line with content of the section and its subsections, or null. */
function sectionOf(text: string, key: string, name: string): [number, number] | null {
  const headers = headersOf(text)
  const first = headers.findIndex(({ path }) => path.length === 2 && path[0] === key && path[1] === name)
  const header = headers[first]
  if (header === undefined) return null
  let next = first + 1
  while (headers[next]?.path[0] === key && headers[next]?.path[1] === name) next += 1
  const end = headers[next]?.offset ?? text.length
  return [header.offset, contentEnd(text, header.offset, end)]
}

/** Finds the lines `[a.b]` and `[[a.b]]`. Similar lines in multi-line strings or arrays don't count. */
function headersOf(text: string): { offset: number; path: string[] }[] {
  const headers: { offset: number; path: string[] }[] = []
  for (let offset = 0; offset < text.length;) {
    const end = lineEnd(text, offset)
    const line = text.slice(offset, end)
    if (/^[ \t]*\[/.test(line)) {
      headers.push({ offset, path: pathOf(line) })
      offset = end
    } else {
      offset = statementEnd(text, offset)
    }
  }
  return headers
}

/** Returns the end of the lines of one `key = value`. */
function statementEnd(text: string, start: number): number {
  const string = /"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y
  let depth = 0
  for (let i = start; i < text.length;) {
    const char = text[i]
    if (char === '"' || char === "'") {
      string.lastIndex = i
      i += string.exec(text)?.[0].length ?? 1
      continue
    }
    if (char === '#') {
      const newline = text.indexOf('\n', i)
      if (newline === -1) return text.length
      i = newline
    }
    if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    else if (text[i] === '\n' && depth <= 0) return i + 1
    i += 1
  }
  return text.length
}

function pathOf(line: string): string[] {
  const path: string[] = []
  try {
    for (let table: unknown = parse(line); isTable(table);) {
      const [[key, value] = []] = Object.entries(table)
      if (key === undefined) break
      path.push(key)
      table = Array.isArray(value) ? value[0] : value
    }
  } catch {
    // Not a header. The whole text was parsed before, and the result is parsed again.
    return []
  }
  return path
}

function isTable(value: unknown): value is TomlTable {
  return isObject(value) && !(value instanceof Date)
}
