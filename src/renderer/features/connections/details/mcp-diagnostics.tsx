import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconLogin2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rich } from '../../../lib/rich.ts'
import { t } from '../../../../contract/text/translate.ts'
import type { McpDiagnostics as Diagnostics } from '../../../../contract/upstreams/mcp-connection.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { Countdown } from '../../../ui/instant.tsx'
import { Snippet } from '../../../ui/snippet.tsx'
import { StatusLabel, type Tone } from '../../../ui/status-label.tsx'
import styles from './details.module.css'

const STATES: Record<Diagnostics['state'], { tone: Tone; label: string }> = {
  idle: { tone: 'none', label: t`Idle, starts on demand` },
  running: { tone: 'ok', label: t`Running` },
  backing_off: { tone: 'bad', label: t`Restarting soon` },
  needs_sign_in: { tone: 'wait', label: t`Sign-in required` },
}
const REFRESH_MS = 3000

export function McpDiagnostics({ connection: { name, health } }: { connection: ConnectionRecord }) {
  const { query } = useApi()
  const { data, error, refetch, isFetching } = useQuery(
    query.connections.diagnostics.queryOptions({
      input: { name },
      retry: false,
      refetchInterval: REFRESH_MS,
      staleTime: 0,
    }),
  )
  if (error !== null)
    return (
      <Text role="alert" style={{ color: 'var(--hp-bad)' }}>
        {callErrorOf(error).sentence}
      </Text>
    )
  if (data === undefined) return <Skeleton height={160} />
  const { tone, label } = STATES[data.state]
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <StatusLabel tone={tone}>{label}</StatusLabel>
        <Button
          size="compact-xs"
          variant="default"
          loading={isFetching}
          onClick={() => void refetch()}
        >{t`Refresh`}</Button>
      </Group>
      {data.message !== null && (
        <Alert color={tone === 'bad' ? 'red' : 'gray'} variant="light">
          {data.message}
        </Alert>
      )}
      {health.state === 'down' && health.message !== null && health.message !== data.message && (
        <Alert color="red" variant="light" title={t`Last check failed`}>
          {health.message}
        </Alert>
      )}
      {data.state === 'needs_sign_in' && <SignIn name={name} />}
      <dl className={styles.facts}>
        <div>
          <dt>{t`Open sessions`}</dt>
          <dd className="hp-tabular">{data.sessions}</dd>
        </div>
        <div>
          <dt>{t`Starts`}</dt>
          <dd className="hp-tabular">{data.starts}</dd>
        </div>
        <div>
          <dt>{t`Crashes`}</dt>
          <dd className="hp-tabular">{data.crashes}</dd>
        </div>
        {data.next_start_at !== null && (
          <div>
            <dt>{t`Restarts in`}</dt>
            <dd>
              <Countdown instant={data.next_start_at} />
            </dd>
          </div>
        )}
      </dl>
      {data.stray_output !== null && (
        <div>
          <Title order={3} size="h5">{t`Unexpected output on stdout`}</Title>
          <Snippet label={t`First line`} text={data.stray_output} />
        </div>
      )}
      <Title order={3} size="h5">{t`stderr output`}</Title>
      {data.stderr === '' ? (
        <Text size="sm" c="dimmed">{t`No output`}</Text>
      ) : (
        <Snippet label={t`Last lines`} text={data.stderr} />
      )}
    </Stack>
  )
}

function SignIn({ name }: { name: string }) {
  const { owner, shell } = useApi()
  const [started, setStarted] = useState<{ url: string | null; expiresAt: string } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const start = async (): Promise<void> => {
    setProblem(null)
    try {
      if (shell === null) {
        const { authorize_url: url, expires_at: expiresAt } = await owner.connections.signIn({ name })
        setStarted({ url, expiresAt })
      } else {
        const { expires_at: expiresAt } = await shell.openSignIn({ name })
        setStarted({ url: null, expiresAt })
      }
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    }
  }
  return (
    <Stack gap="xs">
      <Group>
        <Button
          data-writes
          size="xs"
          leftSection={<IconLogin2 size={15} />}
          onClick={() => void start()}
        >{t`Sign in`}</Button>
      </Group>
      {problem !== null && (
        <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
          {problem}
        </Text>
      )}
      {started !== null && started.url === null && (
        <Text size="sm">{rich`Continue in your browser. This page updates when you're signed in. The link ${<Countdown before={t`expires in`} expired={t`has expired`} instant={started.expiresAt} />}.`}</Text>
      )}
      {started !== null && started.url !== null && (
        <>
          <Text size="sm">
            {rich`Open this link and sign in. This page updates when you're done. The link ${<Countdown before={t`expires in`} expired={t`has expired`} instant={started.expiresAt} />}.`}
            {/^https?:\/\//.test(started.url) && (
              <>
                {' '}
                <Anchor href={started.url} target="_blank" rel="noreferrer">{t`Open link`}</Anchor>
              </>
            )}
          </Text>
          <Snippet label={t`Sign-in link`} text={started.url} />
        </>
      )}
    </Stack>
  )
}
