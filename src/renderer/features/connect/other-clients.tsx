import { Anchor, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ClientRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { Snippet } from '../../ui/snippet.tsx'
import { httpClientConfig, stdioClientConfig } from '../tokens/create/client-snippets.ts'
import styles from './connect.module.css'

/** Configuration to paste into a client that Hallpass doesn't know or that isn't installed here. */
export function OtherClients({
  project,
  token,
  absent,
}: {
  project: string
  token: string | undefined
  absent: readonly ClientRecord[]
}) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  if (status === undefined) return null
  const endpoint = `${status.url}/projects/${project}/mcp`
  return (
    <section aria-labelledby="clients-other">
      <Title order={2} size="h5" id="clients-other" mb={4}>
        Any other client
      </Title>
      {absent.length > 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          Not installed here: {absent.map(({ name }) => name).join(', ')}.
        </Text>
      )}
      <div className={styles.snippets}>
        <Text size="sm">
          Over stdio, with no secret in any configuration. The command <span className="hp-mono">hallpass</span> is in
          the folder <span className="hp-mono">bin</span> of Hallpass: write its whole path if it is not on the client’s
          PATH.
        </Text>
        <Snippet label="Configuration, stdio" text={stdioClientConfig(project, token ?? 'NAME')} />
        <Snippet label="Command, stdio" text={`hallpass stdio --project ${project} --as ${token ?? 'NAME'}`} />
        <Text size="sm">
          Over Streamable HTTP, with an access token in place of the dots.{' '}
          <Anchor renderRoot={(props) => <Link to="/projects/$project/tokens" params={{ project }} {...props} />}>
            Make one
          </Anchor>
          ; its secret is shown once, with this configuration filled in.
        </Text>
        <Snippet label="Address, Streamable HTTP" text={endpoint} />
        <Snippet label="Configuration, Streamable HTTP" text={httpClientConfig(project, endpoint, 'hp_pat_…')} />
      </div>
    </section>
  )
}
