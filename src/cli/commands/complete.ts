import type { Argument, Command, Option } from 'commander'
import { connectControl, type OwnerClient } from '../../control/control-client.ts'
import { dataFolder } from '../../control/data-folder.ts'
import { KINDS } from '../flags/options.ts'

/** Prints the candidates for the last of `words`, one per line. Live names come from a running engine; without one there are none. */
export async function complete(words: readonly string[], program: Command): Promise<void> {
  const current = words.at(-1) ?? ''
  const found = await candidates(words.slice(0, -1), current, program)
  for (const one of [...new Set(found)].filter((name) => name.startsWith(current)).toSorted())
    process.stdout.write(`${one}\n`)
}

async function candidates(before: readonly string[], current: string, program: Command): Promise<readonly string[]> {
  let command = program
  const values: string[] = []
  let pending: Option | undefined
  const given = new Map<string, string>()
  for (const word of before) {
    if (pending !== undefined) {
      given.set(pending.attributeName(), word)
      pending = undefined
      continue
    }
    const option = word.startsWith('-')
      ? command.options.find(({ short, long }) => word === short || word === long)
      : undefined
    if (option !== undefined) {
      if (option.required) pending = option
      continue
    }
    const child = values.length === 0 ? command.commands.find((one) => one.name() === word) : undefined
    if (child === undefined) values.push(word)
    else command = child
  }
  const project = given.get('project')
  if (pending !== undefined)
    return pending.argChoices ?? optionNames(pending.attributeName(), { project, document: given.get('document') })
  if (current.startsWith('-'))
    return command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? '')
  if (command.commands.length > 0 && values.length === 0)
    return command.commands.map((one) => one.name()).filter((name) => !name.startsWith('__'))
  return argumentNames(command.registeredArguments[values.length], command, values, project)
}

interface Given {
  project: string | undefined
  document: string | undefined
}

/** Returns the live names that an option takes. */
function optionNames(option: string, { project, document }: Given): Promise<readonly string[]> {
  return fromEngine(async (api) => {
    if (option === 'project') return (await api.projects.list()).map(({ name }) => name)
    if (option === 'document' || option === 'passThrough')
      return (await api.connections.list({ project })).map(({ name }) => name)
    if (option === 'as' || option === 'token') return (await api.tokens.list({ project })).map(({ name }) => name)
    if (option === 'resource' && document !== undefined) return api.connections.tables({ name: document })
    return []
  })
}

async function argumentNames(
  argument: Argument | undefined,
  command: Command,
  values: readonly string[],
  project: string | undefined,
): Promise<readonly string[]> {
  const name = argument?.name()
  if (name === 'kind') return command.name() === 'get' ? KINDS.map((kind) => `${kind}s`) : KINDS
  if (name === 'shell') return ['bash', 'zsh', 'fish']
  if (name === undefined || (name === 'name' && command.parent?.name() === 'create')) return []
  const kind = name === 'name' ? (values[0] ?? command.name()) : name
  return fromEngine(async (api) => {
    if (kind.startsWith('project')) return (await api.projects.list()).map((one) => one.name)
    if (kind.startsWith('connection')) return (await api.connections.list({ project })).map((one) => one.name)
    if (kind.startsWith('token')) return (await api.tokens.list({ project })).map((one) => one.name)
    if (kind.startsWith('session')) return (await api.sessions.list({ project })).map((one) => one.id)
    if (kind === 'resource' && values[1] !== undefined) return api.connections.tables({ name: values[1] })
    if (kind !== 'client') return []
    const [first] = await api.projects.list()
    return first === undefined ? [] : (await api.clients.list({ project: project ?? first.name })).map(({ id }) => id)
  })
}

/** A completion never prints an error: what can't be asked has no candidates. */
async function fromEngine(names: (api: OwnerClient) => Promise<readonly string[]>): Promise<readonly string[]> {
  const client = await connectControl({ home: dataFolder(process.env) }).catch(() => null)
  if (client === null) return []
  try {
    return await names(client.api).catch(() => [])
  } finally {
    client.close()
  }
}
