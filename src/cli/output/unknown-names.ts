import type { OwnerClient } from '../../control/control-client.ts'
import { closestName } from '../closest-name.ts'

/** An empty page may be due to a typing error. Names of deleted records are still in the log, so it is only a note. */
export async function noteUnknownNames(
  api: OwnerClient,
  {
    project,
    token,
    connection,
  }: { project?: string | undefined; token?: string | undefined; connection?: string | undefined },
): Promise<void> {
  const note = (what: string, name: string | undefined, known: readonly string[]): void => {
    if (name === undefined || known.includes(name)) return
    const close = closestName(name, known)
    process.stderr.write(`No ${what} is called "${name}" now.${close === null ? '' : ` The closest is ${close}.`}\n`)
  }
  const names = (rows: readonly { name: string }[]): string[] => rows.map(({ name }) => name)
  note('project', project, names(await api.projects.list()))
  note('connection', connection, names(await api.connections.list({})))
  note('token', token, [...names(await api.tokens.list({})), ...(await api.sessions.list({})).map(({ id }) => id)])
}
