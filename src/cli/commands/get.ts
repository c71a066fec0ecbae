import {
  CLIENT_COLUMNS,
  CONNECTION_COLUMNS,
  PROJECT_COLUMNS,
  REQUEST_COLUMNS,
  SESSION_COLUMNS,
  TOKEN_COLUMNS,
} from '../output/columns.ts'
import { callerEnvironment } from '../caller-environment.ts'
import { usageError } from '../errors.ts'
import { parseKind, KINDS, requireProject } from '../flags/options.ts'
import { printList, type Format } from '../output/output.ts'
import { noteUnknownNames } from '../output/unknown-names.ts'
import { withEngine } from '../with-engine.ts'

export async function get(word: string, { project, output }: { project?: string; output: Format }): Promise<void> {
  const kind = parseKind(word, KINDS)
  if (kind === 'project' && project !== undefined) throw usageError("--project can't be used with get projects.")
  if (kind === 'client') requireProject(project)
  await withEngine(async ({ api }) => {
    switch (kind) {
      case 'project':
        return printList(await api.projects.list(), PROJECT_COLUMNS, output, 'projects')
      case 'connection':
        return printList(await api.connections.list({ project }), CONNECTION_COLUMNS, output, 'connections')
      case 'token':
        return printList(await api.tokens.list({ project }), TOKEN_COLUMNS, output, 'tokens')
      case 'session':
        return printList(await api.sessions.list({ project }), SESSION_COLUMNS, output, 'session tokens')
      case 'request': {
        const newestFirst = await api.requests.list({ project, limit: 100 })
        await printList(newestFirst.toReversed(), REQUEST_COLUMNS, output, 'requests')
        if (newestFirst.length === 0) await noteUnknownNames(api, { project })
        return
      }
      case 'client':
        return printList(
          await api.clients.list({ project: requireProject(project), environment: callerEnvironment() }),
          CLIENT_COLUMNS,
          output,
          'clients',
        )
    }
  })
}
