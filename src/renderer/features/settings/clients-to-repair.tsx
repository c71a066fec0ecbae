import { Alert, Button, Group } from '@mantine/core'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'

/** Offers to repair entries of MCP clients that no longer start Hallpass. Nothing if all of them work. */
export function ClientsToRepair() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const { data: projects = [] } = useQuery(query.projects.list.queryOptions())
  const listOf = (project: string) =>
    query.clients.list.queryOptions({
      input: { project },
      enabled: status?.clients_available === true && project !== '',
      retry: false,
    })
  // Each client names all projects that have an entry in it.
  const { data: clients = [] } = useQuery(listOf(projects[0]?.name ?? ''))
  const connected = projects.filter(({ name }) => clients.some((client) => client.projects.includes(name)))
  const lists = useQueries({ queries: connected.map(({ name }) => listOf(name)) })
  const drifted = lists.flatMap(({ data = [] }, index) =>
    data
      .filter(({ state }) => state === 'drifted')
      .map((client) => ({ client, project: connected[index]?.name ?? '' })),
  )
  if (drifted.length === 0) return null
  return (
    <Alert color="amber" variant="light" mb="md" title={t`Entries of clients that no longer work`}>
      {drifted.map(({ client, project }) => (
        <Group key={`${project} ${client.id}`} justify="space-between" gap="sm" mt={6}>
          <span>{t`${client.name} in ${project}`}</span>
          <Button
            component={Link}
            to={`/projects/${project}/connect`}
            size="xs"
            variant="default"
            aria-label={t`Repair ${client.name} in ${project}`}
          >
            {t`Repair`}
          </Button>
        </Group>
      ))}
    </Alert>
  )
}
