import { isDeepStrictEqual } from 'node:util'
import type { ConfigEditor } from './formats/config-editor.ts'
import { UneditableText } from './formats/config-editor.ts'
import { createJsonEditor } from './formats/json-editor.ts'
import { createTomlEditor } from './formats/toml-editor.ts'
import { createYamlEditor } from './formats/yaml-editor.ts'
import type { ConfigFormat } from './known-clients.ts'
import { objectOf } from '../text/json.ts'

/** The editor of a format, held to its word: what is read from the result is what was there, but for the one entry. */
export function editorOf(format: ConfigFormat): ConfigEditor {
  const editor = make(format)
  function checked(
    text: string,
    key: string,
    name: string,
    entry: Record<string, unknown> | null,
    act: () => string,
  ): string {
    const expected = withEntry(editor.parse(text), key, name, entry)
    const result = act()
    if (!isDeepStrictEqual(comparable(parsed(editor, result), key), comparable(expected, key)))
      throw new UneditableText('it stands in a form that cannot be edited safely')
    return result
  }
  return {
    parse: (text) => editor.parse(text),
    put: (text, key, name, entry) => checked(text, key, name, entry, () => editor.put(text, key, name, entry)),
    remove: (text, key, name) => checked(text, key, name, null, () => editor.remove(text, key, name)),
    mask: (text, key, name, showEntry) => editor.mask(text, key, name, showEntry),
  }
}

function make(format: ConfigFormat): ConfigEditor {
  switch (format) {
    case 'json':
      return createJsonEditor({ comments: false })
    case 'jsonc':
      return createJsonEditor({ comments: true })
    case 'toml':
      return createTomlEditor()
    case 'yaml':
      return createYamlEditor()
  }
}

function parsed(editor: ConfigEditor, result: string): Record<string, unknown> | null {
  try {
    return editor.parse(result)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

function withEntry(
  data: Record<string, unknown>,
  key: string,
  name: string,
  entry: Record<string, unknown> | null,
): Record<string, unknown> {
  const servers = { ...serversOf(data, key) }
  delete servers[name]
  if (entry !== null) servers[name] = entry
  return { ...data, [key]: servers }
}

/** The servers by name; none when the key is not there. */
export function serversOf(data: Record<string, unknown>, key: string): Record<string, unknown> {
  return objectOf(data[key]) ?? {}
}

/** Servers that are none are as good as no key for them: TOML has no other way to say it. */
function comparable(data: Record<string, unknown> | null, key: string): unknown {
  if (data === null) return null
  const servers = data[key]
  const none = servers === null || (typeof servers === 'object' && Object.keys(servers).length === 0)
  return plainData(none ? Object.fromEntries(Object.entries(data).filter(([one]) => one !== key)) : data)
}

/** Alike in prototype and order, so that two readings can be compared. */
function plainData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainData)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return new Map(Object.entries(value).map(([key, one]) => [key, plainData(one)]))
}
