import {
  CLIENT_COLUMNS,
  CONNECTION_COLUMNS,
  PROJECT_COLUMNS,
  REQUEST_COLUMNS,
  SESSION_COLUMNS,
  TOKEN_COLUMNS,
} from '../columns.ts'
import { usageError } from '../errors.ts'
import { kindOf, KINDS, requireOption } from '../options.ts'
import { printList, type Format } from '../output.ts'
import { withEngine } from '../with-engine.ts'

export async function get(word: string, { project, output }: { project?: string; output: Format }): Promise<void> {
  const kind = kindOf(word, KINDS)
  if (kind === 'project' && project !== undefined)
    throw usageError('-p narrows what is inside a project, not the list of projects.')
  await withEngine(async ({ api }) => {
    switch (kind) {
      case 'project':
        return printList(await api.projects.list(), PROJECT_COLUMNS, output)
      case 'connection':
        return printList(await api.connections.list({ project }), CONNECTION_COLUMNS, output)
      case 'token':
        return printList(await api.tokens.list({ project }), TOKEN_COLUMNS, output)
      case 'session':
        return printList(await api.sessions.list({ project }), SESSION_COLUMNS, output)
      case 'request':
        return printList(await api.requests.list({ project, limit: 100 }), REQUEST_COLUMNS, output)
      case 'client':
        return printList(await api.clients.list({ project: requireOption(project, '-p') }), CLIENT_COLUMNS, output)
    }
  })
}
