import type { Dependents } from '../../contract/records.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { confirmed } from '../confirmed.ts'
import { usageError } from '../errors.ts'
import { parseKind, requireProject } from '../flags/options.ts'
import { count, revokedText } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

interface DeleteFlags {
  project?: string
  yes?: boolean
}

/** Deletes a record. Without --yes, it shows what else would be deleted, and asks on a terminal or stops elsewhere. */
export async function deleteRecord(word: string, name: string, { project, yes }: DeleteFlags): Promise<void> {
  const kind = parseKind(word, ['project', 'connection', 'token'])
  const calls = callsFor(kind, name, kind === 'token' ? requireProject(project) : '')
  const ended = await withEngine(async ({ api }) => {
    if (yes !== true) await confirm(`${kind} ${name}`, await calls.dependents(api))
    return calls.delete(api)
  })
  process.stdout.write(`Deleted ${kind} ${name}.${revokedText(ended)}\n`)
}

function callsFor(kind: 'project' | 'connection' | 'token' | string, name: string, project: string) {
  if (kind === 'project')
    return {
      dependents: (api: OwnerClient) => api.projects.dependents({ name }),
      delete: (api: OwnerClient) => api.projects.delete({ name }),
    }
  if (kind === 'connection')
    return {
      dependents: (api: OwnerClient) => api.connections.dependents({ name }),
      delete: (api: OwnerClient) => api.connections.delete({ name }),
    }
  return {
    dependents: (api: OwnerClient) => api.tokens.dependents({ project, name }),
    delete: (api: OwnerClient) => api.tokens.delete({ project, name }),
  }
}

async function confirm(what: string, dependents: Dependents): Promise<void> {
  const parts = [
    ...(dependents.projects.length === 0 ? [] : [count(dependents.projects.length, 'project')]),
    ...(dependents.tokens.length === 0 ? [] : [count(dependents.tokens.length, 'token')]),
    ...(dependents.sessions === 0 ? [] : [count(dependents.sessions, 'session token')]),
    ...(dependents.requests_running === 0 ? [] : [count(dependents.requests_running, 'running request')]),
  ]
  const affected = parts.length === 0 ? 'Nothing else depends on it.' : `Affects ${parts.join(', ')}.`
  if (!process.stdin.isTTY) throw usageError(`Deleting ${what} needs --yes. ${affected} Nothing was deleted.`)
  await confirmed(
    `Delete ${what}. ${affected} Type yes to continue: `,
    'Nothing was deleted. Use --yes to skip the question.',
  )
}
