import { existsSync } from 'node:fs'
import { HallpassError } from '../../contract/errors.ts'
import { editorOf, serversOf } from './config-editors.ts'
import { readConfig, textOf, UnreadableConfig, versionOf, type ConfigFile } from './config-file.ts'
import { UneditableText } from './formats/config-editor.ts'
import { foldersOf, KNOWN_CLIENTS, type Folders, type KnownClient, type Places } from './known-clients.ts'

/** A client's configuration as it is now. */
export interface ClientConfig {
  client: KnownClient
  file: ConfigFile
  /** Names the bytes that were read. */
  version: string
  /** Without the byte order mark. */
  text: string
  mark: string
  servers: Record<string, unknown>
}

export function knownClient(id: string): KnownClient {
  const client = KNOWN_CLIENTS.find((one) => one.id === id)
  if (client !== undefined) return client
  throw new HallpassError(
    'INVALID_REQUEST',
    `client: there is no client named “${id}”; known are ${KNOWN_CLIENTS.map((one) => one.id).join(', ')}.`,
  )
}

/** Where the client's configuration is, or would be; and whether the client is there at all. */
export function placeOf(client: KnownClient, places: Places): { path: string; installed: boolean; signs: string[] } {
  const folders = foldersOf(places)
  const configs = client.configs(folders)
  const signs = client.signs(folders)
  const first = configs[0] ?? ''
  const path = configs.find((one) => existsSync(one)) ?? inSign(configs, signs, folders) ?? first
  return { path, installed: existsSync(path) || signs.some((one) => existsSync(one)), signs }
}

/** The place inside of the first sign that is there: a client that has moved may have left its old folder alone. */
function inSign(configs: readonly string[], signs: readonly string[], { join }: Folders): string | undefined {
  const sign = signs.find((one) => existsSync(one))
  return sign === undefined ? undefined : configs.find((one) => one.startsWith(join(sign, '/')))
}

/** Throws UnreadableConfig with the sentence that says why. */
export async function readClientConfig(client: KnownClient, path: string): Promise<ClientConfig> {
  const file = await readConfig(path)
  const { text, mark } = textOf(file.bytes)
  try {
    const data = editorOf(client.format).parse(text)
    const servers = data[client.key]
    if (servers !== undefined && servers !== null && (typeof servers !== 'object' || Array.isArray(servers))) {
      throw new UnreadableConfig(`Its “${client.key}” does not hold servers by name.`)
    }
    return { client, file, version: versionOf(file.bytes), text, mark, servers: serversOf(data, client.key) }
  } catch (thrown) {
    if (thrown instanceof SyntaxError)
      throw new UnreadableConfig(`It is not valid ${client.format.toUpperCase()} (${thrown.message}).`, {
        cause: thrown,
      })
    // The parsers go down one level of nesting a call.
    if (thrown instanceof RangeError) throw new UnreadableConfig('It is nested too deeply.', { cause: thrown })
    throw thrown
  }
}

/** The configuration with the entry, or without it (null); a refusal where its form does not allow that. */
export function editedText(
  { client, text, file, servers }: ClientConfig,
  name: string,
  entry: Record<string, unknown> | null,
): string {
  const editor = editorOf(client.format)
  // Laid out by the client in its own manner, say.
  if (entry !== null && sameEntry(servers[name], entry)) return text
  try {
    return entry === null ? editor.remove(text, client.key, name) : editor.put(text, client.key, name, entry)
  } catch (thrown) {
    const reason =
      thrown instanceof UneditableText
        ? thrown.message
        : thrown instanceof RangeError
          ? 'it is nested too deeply'
          : null
    if (reason === null) throw thrown
    throw new HallpassError(
      'INVALID_REQUEST',
      `${file.path} was not changed: ${reason}. Change it by hand: the Connect screen shows what to write.`,
      { cause: thrown },
    )
  }
}

function sameEntry(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
