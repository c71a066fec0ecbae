import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { ClientPreview, ClientRecord, TokenRecord } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import { editedText, knownClient, placeOf, readClientConfig, type ClientConfig } from './client-config.ts'
import { changedMeanwhile, replaceConfig, UnreadableConfig, versionOf } from './config-file.ts'
import type { CallerEnvironment, ClientChoice, ClientConnections, ClientEntry } from './client-connections.ts'
import { CLIENT_FOLDER_VARIABLES } from '../../contract/owner-api/clients-api.ts'
import type { KnownClient, Launch, Places } from './client-folders.ts'
import { KNOWN_CLIENTS } from './known-clients.ts'
import { entryNameIn, entryProblem, readOwnEntry, type OwnEntry } from './own-entry.ts'
import { activeLocals, localToken } from './local-token.ts'
import { previewDiff } from './preview-diff.ts'
import { createUndoRecords, type UndoRecord } from './undo-records.ts'

export interface ClientParts {
  /** Folder for backups and undo records. */
  folder: string
  places: Places
  /** How a client starts Hallpass: absolute paths, without `stdio …`. */
  launch: Launch
  clock: Clock
  /** Returns null if the project doesn't exist. */
  tokens(project: string): Promise<TokenRecord[] | null>
}

/** What an action would write: the new bytes, or null to delete the file. */
interface Plan {
  config: ClientConfig
  name: string
  before: OwnEntry | null
  text: string | null
  bytes: Buffer | null
  undo: 'exact' | 'edit'
}

/** An entry that was there before `connect` wrote another one, with the undo record that it had. */
interface Replaced {
  record: UndoRecord | null
  /** What was written, with a copy of the file before. */
  by: UndoRecord
}

/** Connects this user's MCP clients by adding an entry without a secret to their configuration. */
export function createClientConnections({ folder, places, launch, clock, tokens }: ClientParts): ClientConnections {
  const undo = createUndoRecords({ folder, clock })
  /** By client and name of the entry. */
  const replaced = new Map<string, Replaced>()
  const replacedKey = (client: KnownClient, entry: string): string => JSON.stringify([client.id, entry])
  let last: Promise<unknown> = Promise.resolve()

  /** Runs actions one after the other, so that no two start from the same text. Each returns the client's new state. */
  function inTurn(action: (choice: ClientChoice) => Promise<void>): (choice: ClientChoice) => Promise<ClientEntry> {
    return (choice) => {
      const done = last.then(async () => {
        await action(choice)
        return recordOf(knownClient(choice.client), choice.project, placesFor(choice.environment))
      })
      last = done.catch(() => undefined)
      return done
    }
  }

  /** The caller's variables replace the engine's: the engine may run as a service, with another environment. */
  function placesFor(environment: CallerEnvironment | null): Places {
    if (environment === null) return places
    const others = Object.entries(places.environment).filter(
      ([name]) => !(CLIENT_FOLDER_VARIABLES as readonly string[]).includes(name),
    )
    return { ...places, environment: { ...Object.fromEntries(others), ...environment } }
  }

  async function readConfigOrThrow(client: KnownClient, from: Places): Promise<ClientConfig> {
    const { path } = placeOf(client, from)
    try {
      return await readClientConfig(client, path)
    } catch (thrown) {
      if (!(thrown instanceof UnreadableConfig)) throw thrown
      throw invalidRequest(
        `Couldn't read the configuration of ${client.name} (${path}). ${thrown.message} Nothing was changed.`,
        'client',
        { cause: thrown },
      )
    }
  }

  /** Returns Hallpass's entry for the project, or null. Throws if an entry from elsewhere has its name. */
  function ownEntry({ servers, client, file }: ClientConfig, project: string): OwnEntry | null {
    const name = entryNameIn(servers, project)
    if (!Object.hasOwn(servers, name)) return null
    const entry = readOwnEntry(servers[name])
    if (entry !== null) return entry
    throw invalidRequest(
      `${client.name} already has an entry "${name}" that isn't from Hallpass. Rename or remove it in ${file.path}, then try again.`,
      'client',
    )
  }

  function launchOf(project: string, token: string): Launch {
    return { ...launch, command: [...launch.command, 'stdio', '--project', project, '--as', token] }
  }

  async function planConnect({ client: id, project, token, environment }: ClientChoice): Promise<Plan> {
    const client = knownClient(id)
    const tokenName = localToken(project, token, (await tokens(project)) ?? [])
    const from = placesFor(environment)
    const { installed, signs } = placeOf(client, from)
    if (!installed)
      throw invalidRequest(
        `${client.name} doesn't seem to be installed (${signs.join(' and ')} ${signs.length === 1 ? 'is' : 'are'} missing). Start ${client.name} once, then try again.`,
        'client',
      )
    const config = await readConfigOrThrow(client, from)
    const name = entryNameIn(config.servers, project)
    const before = ownEntry(config, project)
    const text = editedText(config, name, client.entry(launchOf(project, tokenName), name))
    return { config, name, before, text, bytes: Buffer.from(config.mark + text), undo: 'edit' }
  }

  async function planDisconnect({ client: id, project, environment }: ClientChoice): Promise<Plan> {
    const client = knownClient(id)
    const config = await readConfigOrThrow(client, placesFor(environment))
    const name = entryNameIn(config.servers, project)
    const before = ownEntry(config, project)
    if (before === null) throw invalidRequest(`${client.name} isn't connected to project "${project}".`, 'client')
    const record = await undo.read(client.id, name)
    if (record !== null && record.path === config.file.path && record.written === config.version) {
      const bytes = await undo.before(client.id, record)
      if (bytes === null) return { config, name, before, text: null, bytes, undo: 'exact' }
      if (bytes !== undefined)
        return { config, name, before, text: bytes.toString('utf8').replace(/^\uFEFF/, ''), bytes, undo: 'exact' }
    }
    const text = editedText(config, name, null)
    return { config, name, before, text, bytes: Buffer.from(config.mark + text), undo: 'edit' }
  }

  function assertSeen({ config }: Plan, seen: string | null): void {
    if (seen !== null && seen !== config.version) throw changedMeanwhile(config.file.path)
  }

  async function connect(choice: ClientChoice): Promise<void> {
    const plan = await planConnect(choice)
    assertSeen(plan, choice.seen)
    const {
      config: { client, file, version },
      name,
      before,
      bytes,
    } = plan
    const written = versionOf(bytes)
    if (written === version) return
    const record = await undo.read(client.id, name)
    const backup = await undo.backUp(client.id, name, file.bytes)
    // If the file already had our entry, its backup contains it. Undo restores the state before the first entry.
    const origin =
      before === null ? backup : record?.path === file.path && record.written === version ? record.backup : undefined
    await replaceConfig(file, bytes)
    if (origin === undefined) await undo.forget(client.id, name, null)
    else await undo.write(client.id, name, { path: file.path, written, backup: origin })
    if (before !== null) replaced.set(replacedKey(client, name), { record, by: { path: file.path, written, backup } })
  }

  async function restore({ client: id, project, environment }: ClientChoice): Promise<void> {
    const client = knownClient(id)
    const { file, version, servers } = await readConfigOrThrow(client, placesFor(environment))
    const name = entryNameIn(servers, project)
    const key = replacedKey(client, name)
    const { record, by } = replaced.get(key) ?? { record: null }
    const isAsWritten = by?.path === file.path && by.written === version
    const bytes = isAsWritten ? await undo.before(client.id, by) : null
    if (!isAsWritten || bytes === null || bytes === undefined)
      throw new HallpassError(
        'INVALID_REQUEST',
        `${file.path} has changed since, or Hallpass was restarted. Nothing was written.`,
        { reason: 'config_changed' },
      )
    await replaceConfig(file, bytes)
    replaced.delete(key)
    if (record === null) await undo.forget(client.id, name, null)
    else await undo.write(client.id, name, record)
  }

  async function disconnect(choice: ClientChoice): Promise<void> {
    const plan = await planDisconnect(choice)
    assertSeen(plan, choice.seen)
    const {
      config: { client, file },
      name,
      bytes,
    } = plan
    const record = await undo.read(client.id, name)
    if (plan.undo === 'edit') await undo.backUp(client.id, name, file.bytes)
    await replaceConfig(file, bytes)
    await undo.forget(client.id, name, plan.undo === 'exact' ? record : null)
  }

  async function recordOf(client: KnownClient, project: string, from: Places): Promise<ClientEntry> {
    const { path, installed } = placeOf(client, from)
    let projects: string[] = []
    let token: string | null = null
    const record = (state: ClientRecord['state'], message: string | null = null): ClientEntry => ({
      id: client.id,
      name: client.name,
      state,
      config_path: path,
      projects,
      message,
      token,
    })
    if (!installed) return record('absent')
    try {
      const { servers } = await readClientConfig(client, path)
      projects = Object.entries(servers).flatMap(([key, value]) => {
        const own = readOwnEntry(value)
        return own !== null && key === entryNameIn(servers, own.project) ? [own.project] : []
      })
      const name = entryNameIn(servers, project)
      if (!Object.hasOwn(servers, name)) return record('installed')
      const entry = readOwnEntry(servers[name])
      if (entry === null)
        return record(
          'installed',
          `It has an entry "${name}" that isn't from Hallpass. Rename or remove that entry to connect.`,
        )
      token = entry.project === project ? entry.token : null
      const locals = activeLocals((await tokens(project)) ?? [])
      const home = launch.environment['HALLPASS_HOME'] ?? null
      const problem = entryProblem(entry, { project, home, locals })
      if (problem !== null) return record('drifted', `${problem} Connect it again to fix it.`)
      return record('connected', entry.switchedOff ? 'The entry is turned off in the client.' : null)
    } catch (thrown) {
      if (thrown instanceof UnreadableConfig) return record('unreadable', thrown.message)
      throw thrown
    }
  }

  return {
    list: (project, environment) =>
      Promise.all(KNOWN_CLIENTS.map((client) => recordOf(client, project, placesFor(environment)))),
    async preview(choice, act): Promise<ClientPreview> {
      const { config, name, before, text } = await (act === 'connect' ? planConnect(choice) : planDisconnect(choice))
      const left = { text: config.file.bytes === null ? null : config.text, showEntry: before?.pure ?? false }
      const diff = previewDiff(config.client, name, config.file.path, left, { text, showEntry: act === 'connect' })
      return { config_path: config.file.path, diff, version: config.version }
    },
    connect: inTurn(connect),
    disconnect: inTurn(disconnect),
    restore: inTurn(restore),
  }
}
