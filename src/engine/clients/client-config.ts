import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { invalidRequest } from '../../contract/errors.ts'
import { editorOf, serversOf } from './config-editors.ts'
import { readConfig, textOf, UnreadableConfig, versionOf, type ConfigFile } from './config-file.ts'
import { UneditableText } from './formats/config-editor.ts'
import type { Folders, KnownClient, Places } from './client-folders.ts'
import { foldersOf, KNOWN_CLIENTS } from './known-clients.ts'

/** A client's configuration as it is now. */
export interface ClientConfig {
  client: KnownClient
  file: ConfigFile
  /** Identifies the bytes that were read. */
  version: string
  /** Without the byte order mark. */
  text: string
  mark: string
  servers: Record<string, unknown>
}

export function knownClient(id: string): KnownClient {
  const client = KNOWN_CLIENTS.find((one) => one.id === id)
  if (client !== undefined) return client
  throw invalidRequest(
    `Unknown client "${id}". Supported clients: ${KNOWN_CLIENTS.map((one) => one.id).join(', ')}.`,
    'client',
  )
}

/** Returns where the client's configuration is or would be, and whether the client is installed. */
export function placeOf(client: KnownClient, places: Places): { path: string; installed: boolean; signs: string[] } {
  const folders = foldersOf(places)
  const configs = client.configs(folders)
  const signs = client.signs(folders)
  const first = configs[0] ?? ''
  const path = configs.find((one) => existsSync(one)) ?? inSign(configs, signs, folders) ?? first
  return { path, installed: existsSync(path) || signs.some((one) => existsSync(one)), signs }
}

/** Returns the path inside the first sign that exists, because a client that moved may have left its old folder behind. */
function inSign(configs: readonly string[], signs: readonly string[], { join }: Folders): string | undefined {
  const sign = signs.find((one) => existsSync(one))
  return sign === undefined ? undefined : configs.find((one) => one.startsWith(join(sign, '/')))
}

/** Throws UnreadableConfig, whose message says why. */
export async function readClientConfig(client: KnownClient, path: string): Promise<ClientConfig> {
  const file = await readConfig(path)
  const { text, mark } = textOf(file.bytes)
  try {
    const data = editorOf(client.format).parse(text)
    const servers = data[client.key]
    if (servers !== undefined && servers !== null && (typeof servers !== 'object' || Array.isArray(servers))) {
      throw new UnreadableConfig(`Its "${client.key}" isn't a list of named servers.`)
    }
    return { client, file, version: versionOf(file.bytes), text, mark, servers: serversOf(data, client.key) }
  } catch (thrown) {
    if (thrown instanceof SyntaxError)
      throw new UnreadableConfig(
        `It isn't valid ${client.format.replace('-list', '').toUpperCase()} (${thrown.message}).`,
        {
          cause: thrown,
        },
      )
    // The parsers recurse once per level of nesting.
    if (thrown instanceof RangeError) throw new UnreadableConfig("It's nested too deeply.", { cause: thrown })
    throw thrown
  }
}

/** Returns the configuration with the entry, or without it (null). Throws if the file's format doesn't allow a safe edit. */
export function editedText(
  { client, text, file, servers }: ClientConfig,
  name: string,
  entry: Record<string, unknown> | null,
): string {
  const editor = editorOf(client.format)
  // The client may have formatted the entry in its own way.
  if (entry !== null && sameEntry(servers[name], entry)) return text
  try {
    return entry === null ? editor.remove(text, client.key, name) : editor.put(text, client.key, name, entry)
  } catch (thrown) {
    const reason =
      thrown instanceof UneditableText ? thrown.message : thrown instanceof RangeError ? "it's nested too deeply" : null
    if (reason === null) throw thrown
    throw invalidRequest(
      `Couldn't edit ${file.path} safely: ${reason}. Nothing was changed. Add the entry by hand. You can copy it from the Connect page.`,
      'client',
      { cause: thrown },
    )
  }
}

function sameEntry(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other)
}
