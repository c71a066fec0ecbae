import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { formatClock } from '../../../lib/format.ts'
import { OneTimeSecret } from '../../../ui/secret/one-time-secret.tsx'
import { Page } from '../../../ui/page.tsx'
import { Snippet } from '../../../ui/snippet.tsx'
import { useSecretGuard } from '../../../ui/secret/use-secret-guard.tsx'
import { httpClientConfig, stdioClientConfig } from '../client-snippets.ts'
import { useTokenRequests } from '../use-token-requests.ts'
import styles from './new-token.module.css'

export interface NewToken {
  token: TokenRecord
  secret: string | null
}

interface CreatedTokenProps {
  created: NewToken
  /** Drops the secret and leaves the page, unless another screen opens anyway. */
  onDone: (leaving: boolean) => void
}

/** The new token with its secret, shown once, the configuration for a client, and its first request when it comes. */
export function CreatedToken({ created: { token, secret }, onDone }: CreatedTokenProps) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const guard = useSecretGuard(secret, token.expires_at, onDone)
  const [first] = useTokenRequests(token.project, token.name)
  const endpoint = `${status?.url ?? ''}/projects/${token.project}/mcp`
  return (
    <Page title={t`${token.name} is ready`}>
      <Stack gap="md" className={styles.created}>
        {secret === null ? (
          <Snippet label={t`Client configuration`} text={stdioClientConfig(token.project, token.name)} />
        ) : (
          <OneTimeSecret
            secret={secret}
            expiresAt={token.expires_at}
            also={[{ label: t`Client configuration`, text: httpClientConfig(token.project, endpoint, secret) }]}
            onCopied={guard.onCopied}
          />
        )}
        {status?.paused === true && (
          <Text size="sm">{t`Access is paused. The token works once you resume access.`}</Text>
        )}
        <Text size="sm" role="status">
          {first === undefined
            ? t`Waiting for the first request…`
            : first.client === null
              ? t`First request ${formatClock(first.time)}.`
              : t`First request ${formatClock(first.time)} from ${first.client}.`}
        </Text>
        <Group>
          <Button onClick={guard.close}>{t`Done`}</Button>
        </Group>
        {guard.question}
      </Stack>
    </Page>
  )
}
