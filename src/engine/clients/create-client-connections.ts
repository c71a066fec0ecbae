import { HallpassError } from '../../contract/errors.ts'
import type { ClientPreview, ClientRecord, TokenRecord } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import { editedText, knownClient, placeOf, readClientConfig, type ClientConfig } from './client-config.ts'
import { changedMeanwhile, replaceConfig, UnreadableConfig, versionOf } from './config-file.ts'
import type { ClientChoice, ClientConnections } from './client-connections.ts'
import { KNOWN_CLIENTS, type KnownClient, type Launch, type Places } from './known-clients.ts'
import { commandProblem, entryName, readOwnEntry, type OwnEntry } from './own-entry.ts'
import { previewDiff } from './preview-diff.ts'
import { createUndoRecords } from './undo-records.ts'

export interface ClientParts {
  /** Folder of backups and of what is needed to take a change back. */
  folder: string
  places: Places
  /** How a client starts Hallpass; absolute paths, without the words `stdio …`. */
  launch: Launch
  clock: Clock
  /** Null when there is no such project. */
  tokens(project: string): TokenRecord[] | null
}

/** What an act would leave behind: the new bytes, or null for no file. */
interface Plan {
  config: ClientConfig
  name: string
  before: OwnEntry | null
  text: string | null
  bytes: Buffer | null
  undo: 'exact' | 'edit'
}

/** MCP clients of this user, connected by an entry in their own configuration that holds no secret. */
export function createClientConnections({ folder, places, launch, clock, tokens }: ClientParts): ClientConnections {
  const undo = createUndoRecords({ folder, clock })
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other, so that two acts never start from the same text. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = last.then(act)
    last = done.catch(() => undefined)
    return done
  }

  async function readOrRefuse(client: KnownClient): Promise<ClientConfig> {
    const { path } = placeOf(client, places)
    try {
      return await readClientConfig(client, path)
    } catch (thrown) {
      if (!(thrown instanceof UnreadableConfig)) throw thrown
      throw new HallpassError(
        'INVALID_REQUEST',
        `${client.name} was left as it is: its configuration ${path} cannot be read. ${thrown.message}`,
        { cause: thrown },
      )
    }
  }

  /** The entry of ours for the project, null when there is none; a refusal when another's stands under its name. */
  function ownEntry({ servers, client, file }: ClientConfig, project: string): OwnEntry | null {
    const name = entryName(project)
    if (!Object.hasOwn(servers, name)) return null
    const entry = readOwnEntry(servers[name])
    if (entry !== null) return entry
    throw new HallpassError(
      'INVALID_REQUEST',
      `${client.name} has an entry “${name}” that Hallpass did not write. Rename or remove it in ${file.path}, then repeat.`,
    )
  }

  function launchOf(project: string, token: string): Launch {
    return { ...launch, command: [...launch.command, 'stdio', '--project', project, '--as', token] }
  }

  async function planConnect({ client: id, project, token }: ClientChoice): Promise<Plan> {
    const client = knownClient(id)
    const actsAs = localToken(project, token, tokens(project) ?? [])
    const { installed, signs } = placeOf(client, places)
    if (!installed)
      throw new HallpassError(
        'INVALID_REQUEST',
        `${client.name} is not installed here: there is no ${signs.join(' and no ')}. Start it once, then repeat.`,
      )
    const config = await readOrRefuse(client)
    const name = entryName(project)
    const before = ownEntry(config, project)
    const text = editedText(config, name, client.entry(launchOf(project, actsAs), name))
    return { config, name, before, text, bytes: Buffer.from(config.mark + text), undo: 'edit' }
  }

  async function planDisconnect({ client: id, project }: ClientChoice): Promise<Plan> {
    const client = knownClient(id)
    const config = await readOrRefuse(client)
    const name = entryName(project)
    const before = ownEntry(config, project)
    if (before === null)
      throw new HallpassError('INVALID_REQUEST', `${client.name} is not connected to the project “${project}”.`)
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
    // Written over an entry of ours, the copy holds that entry: what can be taken back to is what stood before the first one.
    const origin =
      before === null ? backup : record?.path === file.path && record.written === version ? record.backup : undefined
    await replaceConfig(file, bytes)
    if (origin === undefined) await undo.forget(client.id, name, null)
    else await undo.write(client.id, name, { path: file.path, written, backup: origin })
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

  async function recordOf(client: KnownClient, project: string): Promise<ClientRecord> {
    const { path, installed } = placeOf(client, places)
    const record = (state: ClientRecord['state'], message: string | null = null): ClientRecord => ({
      id: client.id,
      name: client.name,
      state,
      config_path: path,
      message,
    })
    if (!installed) return record('absent')
    try {
      const { servers } = await readClientConfig(client, path)
      const name = entryName(project)
      if (!Object.hasOwn(servers, name)) return record('installed')
      const entry = readOwnEntry(servers[name])
      if (entry === null)
        return record(
          'installed',
          `It has an entry “${name}” that Hallpass did not write; rename or remove it to connect.`,
        )
      const problem = entryProblem(entry, project)
      if (problem !== null) return record('drifted', `${problem} Connect it again to repair it.`)
      return record('connected', entry.switchedOff ? 'The entry is switched off in the client.' : null)
    } catch (thrown) {
      if (thrown instanceof UnreadableConfig) return record('unreadable', thrown.message)
      throw thrown
    }
  }

  /** Why an entry would not work, as a sentence. */
  function entryProblem(entry: OwnEntry, project: string): string | null {
    if (entry.project !== project) return `Its entry opens the project “${entry.project}”.`
    if ((launch.environment['HALLPASS_HOME'] ?? null) !== entry.home)
      return 'Its entry is of another data folder of Hallpass.'
    const locals = activeLocals(tokens(project) ?? [])
    if (entry.token !== null && !locals.includes(entry.token))
      return `It acts as the token “${entry.token}”, which can no longer be used.`
    if (entry.token === null && locals.length !== 1) return 'It names no token to act as.'
    return commandProblem(entry.command)
  }

  return {
    list: (project) => Promise.all(KNOWN_CLIENTS.map((client) => recordOf(client, project))),
    async preview(choice, act): Promise<ClientPreview> {
      const { config, name, before, text } = await (act === 'connect' ? planConnect(choice) : planDisconnect(choice))
      const left = { text: config.file.bytes === null ? null : config.text, showEntry: before?.pure ?? false }
      const diff = previewDiff(config.client, name, config.file.path, left, { text, showEntry: act === 'connect' })
      return { config_path: config.file.path, diff, version: config.version }
    },
    connect: (choice) =>
      inTurn(async () => {
        await connect(choice)
        return recordOf(knownClient(choice.client), choice.project)
      }),
    disconnect: (choice) =>
      inTurn(async () => {
        await disconnect(choice)
        return recordOf(knownClient(choice.client), choice.project)
      }),
  }
}

function activeLocals(tokens: readonly TokenRecord[]): string[] {
  return tokens.filter(({ kind, status }) => kind === 'local' && status === 'active').map(({ name }) => name)
}

/** The token that the client acts as; never made silently, since its rights are the owner's to choose. */
function localToken(project: string, named: string | null, tokens: readonly TokenRecord[]): string {
  const locals = activeLocals(tokens)
  const make = `hallpass create token NAME -p ${project} --local --bind role:viewer,connection:CONNECTION`
  if (named !== null) {
    if (locals.includes(named)) return named
    const found = tokens.find(({ name }) => name === named)
    if (found?.kind === 'local')
      throw new HallpassError(
        'INVALID_REQUEST',
        `token: “${named}” is ${found.status}; give a local token that can be used, or make one: ${make}`,
      )
    throw new HallpassError(
      'INVALID_REQUEST',
      `token: “${named}” is not a local token of the project “${project}”. A client that starts Hallpass acts as one: ${make}`,
    )
  }
  const [only, ...more] = locals
  if (only === undefined)
    throw new HallpassError(
      'INVALID_REQUEST',
      `The project “${project}” has no local token for the client to act as. Make one with the rights that the client gets: ${make}`,
    )
  if (more.length > 0)
    throw new HallpassError(
      'INVALID_REQUEST',
      `token: the project “${project}” has several local tokens (${locals.join(', ')}); say which one the client acts as.`,
    )
  return only
}
