import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { OneTimeSecret } from '../../../ui/one-time-secret.tsx'
import { httpClientConfig, stdioClientConfig } from './client-snippets.ts'

export interface NewToken {
  token: TokenRecord
  secret: string | null
}

/**
 * The new token with its secret, shown once, and configurations for clients. Nothing of it is kept after the dialog
 * closes.
 */
export function CreatedToken({
  created,
  summary,
  onClose,
}: {
  created: NewToken
  summary: string
  onClose: () => void
}) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const { token, secret } = created
  const endpoint = `${status?.url ?? ''}/projects/${token.project}/mcp`
  return (
    <Modal opened onClose={onClose} size="lg" title={`${token.name} created`} closeOnClickOutside={false}>
      <Stack gap="md">
        <Text size="sm">{summary}</Text>
        {secret === null ? (
          <StdioConfig config={stdioClientConfig(token.project, token.name)} />
        ) : (
          <OneTimeSecret
            secret={secret}
            expiresAt={token.expires_at}
            also={[{ label: 'Client configuration', text: httpClientConfig(token.project, endpoint, secret) }]}
          />
        )}
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function StdioConfig({ config }: { config: string }) {
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          Client configuration
        </Text>
        <CopyButton text={() => config} />
      </Group>
      <Code block className="hp-mono">
        {config}
      </Code>
    </Stack>
  )
}
