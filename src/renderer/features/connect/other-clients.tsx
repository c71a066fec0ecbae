import { Anchor, SegmentedControl, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import type { ClientRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { Snippet } from '../../ui/snippet.tsx'
import { httpClientConfig, stdioClientConfig } from '../tokens/client-snippets.ts'
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
  const [transport, setTransport] = useState<'stdio' | 'http'>('stdio')
  const { data: status } = useQuery(query.status.queryOptions())
  if (status === undefined) return null
  const endpoint = `${status.url}/projects/${project}/mcp`
  return (
    <section aria-labelledby="clients-other">
      <Title order={2} size="h5" id="clients-other" mb={4}>{t`Any other client`}</Title>
      {absent.length > 0 && (
        <Text
          size="sm"
          c="dimmed"
          mb="xs"
        >{t`Supported, but not installed: ${absent.map(({ name }) => name).join(', ')}.`}</Text>
      )}
      <SegmentedControl
        size="xs"
        mb="sm"
        aria-label={t`Transport`}
        value={transport}
        onChange={(value) => setTransport(value === 'http' ? 'http' : 'stdio')}
        data={[
          { value: 'stdio', label: t`stdio` },
          { value: 'http', label: t`HTTP` },
        ]}
      />
      <div className={styles.snippets}>
        {transport === 'stdio' ? (
          <>
            <Text size="sm">{rich`stdio, without a secret. If ${<span className="hp-mono">hallpass</span>} isn't on the client's PATH, use the full path of ${<span className="hp-mono">bin/hallpass</span>}.`}</Text>
            <Snippet label={t`Configuration, stdio`} text={stdioClientConfig(project, token ?? 'NAME')} />
            <Snippet label={t`Command, stdio`} text={`hallpass stdio --project ${project} --as ${token ?? 'NAME'}`} />
          </>
        ) : (
          <>
            <Text size="sm">{rich`Streamable HTTP, with an access token. ${(
              <Anchor
                renderRoot={(props) => (
                  <Link
                    to="/projects/$project/tokens/new"
                    params={{ project }}
                    search={{ kind: 'access' }}
                    {...props}
                  />
                )}
              >{t`Create one`}</Anchor>
            )} to get this configuration with the token filled in.`}</Text>
            <Snippet label={t`Endpoint (Streamable HTTP)`} text={endpoint} />
            <Snippet label={t`Configuration, Streamable HTTP`} text={httpClientConfig(project, endpoint, 'hp_pat_…')} />
          </>
        )}
      </div>
    </section>
  )
}
