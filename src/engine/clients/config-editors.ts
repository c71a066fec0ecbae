import { isDeepStrictEqual } from 'node:util'
import type { ConfigEditor } from './formats/config-editor.ts'
import { UneditableText } from './formats/config-editor.ts'
import { createJsonEditor } from './formats/json-editor.ts'
import { createTomlEditor } from './formats/toml-editor.ts'
import { createYamlEditor } from './formats/yaml-editor.ts'
import { createYamlListEditor } from './formats/yaml-list-editor.ts'
import type { ConfigFormat } from './client-folders.ts'
import { objectOf } from '../text/json.ts'

/**
 * Returns the editor of a format. Every edit is verified by parsing the result, which must differ only in that entry.
 */
export function editorOf(format: ConfigFormat): ConfigEditor {
  const editor = createEditor(format)
  function checked(
    text: string,
    key: string,
    name: string,
    entry: Record<string, unknown> | null,
    edit: () => string,
  ): string {
    const expected = withEntry(editor.parse(text), key, name, entry)
    const result = edit()
    if (!isDeepStrictEqual(comparable(parsed(editor, result), key), comparable(expected, key)))
      throw new UneditableText("its format can't be edited safely")
    return result
  }
  return {
    parse: (text) => editor.parse(text),
    put: (text, key, name, entry) => checked(text, key, name, entry, () => editor.put(text, key, name, entry)),
    remove: (text, key, name) => checked(text, key, name, null, () => editor.remove(text, key, name)),
    mask: (text, key, name, showEntry) => editor.mask(text, key, name, showEntry),
  }
}

function createEditor(format: ConfigFormat): ConfigEditor {
  switch (format) {
    case 'json':
      return createJsonEditor({ comments: false })
    case 'jsonc':
      return createJsonEditor({ comments: true })
    case 'toml':
      return createTomlEditor()
    case 'yaml':
      return createYamlEditor()
    case 'yaml-list':
      return createYamlListEditor()
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

/** Returns the servers by name; none if the key is missing. */
export function serversOf(data: Record<string, unknown>, key: string): Record<string, unknown> {
  return objectOf(data[key]) ?? {}
}

/** Treats an empty list of servers like a missing key, because TOML can't tell them apart. */
function comparable(data: Record<string, unknown> | null, key: string): unknown {
  if (data === null) return null
  const servers = data[key]
  const none = servers === null || (typeof servers === 'object' && Object.keys(servers).length === 0)
  return plainData(none ? Object.fromEntries(Object.entries(data).filter(([one]) => one !== key)) : data)
}

/** Returns data with the same prototypes and order, so that two readings can be compared. */
function plainData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainData)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return new Map(Object.entries(value).map(([key, one]) => [key, plainData(one)]))
}
