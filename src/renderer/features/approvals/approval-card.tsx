import { Blockquote, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { rich } from '../../lib/rich.ts'
import type { ApprovalRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { formatSpan } from '../../lib/format.ts'
import { useFailure } from '../../ui/failure.tsx'
import { Countdown } from '../../ui/instant.tsx'

/**
 * Shows who requests what, why and for how long. The reason is untrusted text, so it is quoted and never rendered as
 * markup. No button is filled, and none reacts while a card has just appeared or moved: a click meant for what was there before
 * would decide something else.
 */
export function ApprovalCard({ approval, place }: { approval: ApprovalRecord; place: number }) {
  const { query } = useApi()
  const decide = useMutation(query.approvals.decide.mutationOptions({ onError: useFailure() }))
  const isSettled = useSettled(place)
  const answer = (decision: 'once' | 'while' | 'always' | 'deny') => () => {
    if (isSettled()) decide.mutate({ id: approval.id, decision })
  }
  const { permissions, resources, connection, ttl_seconds: ttl } = approval
  const who = (
    <>
      <b>{approval.token}</b>
      {approval.client === null ? '' : ` (${approval.client})`}
    </>
  )
  const where = resources === null ? <b>{connection}</b> : rich`${resources.join(', ')} in ${<b>{connection}</b>}`
  return (
    <Paper
      withBorder
      p="md"
      radius="md"
      component="article"
      aria-label={t`${approval.token} requests access to ${connection}`}
    >
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text>
            {ttl === null
              ? rich`${who} asks to ${<b>{permissions.join(' and ')}</b>} ${where}`
              : rich`${who} asks to ${<b>{permissions.join(' and ')}</b>} ${where} for ${formatSpan(ttl * 1000)}`}
          </Text>
          <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            <Countdown before={t`Denied automatically in`} expired={t`Timed out`} instant={approval.expires_at} />
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {t`Project: ${approval.project}`}
        </Text>
        {approval.reason !== null && (
          <Blockquote p="xs" radius="sm" fz="sm" color="gray">
            {approval.reason}
          </Blockquote>
        )}
        <Group gap="xs" mt={4}>
          <Button
            data-writes
            size="xs"
            variant="default"
            onClick={answer('once')}
            disabled={decide.isPending}
          >{t`Allow once`}</Button>
          {ttl !== null && (
            <Button data-writes size="xs" variant="default" onClick={answer('while')} disabled={decide.isPending}>
              {t`Allow for ${formatSpan(ttl * 1000)}`}
            </Button>
          )}
          <Button
            data-writes
            size="xs"
            variant="default"
            onClick={answer('always')}
            disabled={decide.isPending}
          >{t`Always allow this token`}</Button>
          <Button
            data-writes
            size="xs"
            variant="default"
            ml="auto"
            onClick={answer('deny')}
            disabled={decide.isPending}
          >{t`Deny`}</Button>
        </Group>
      </Stack>
    </Paper>
  )
}

/** How long a card must stand still before it can be decided. */
const SETTLE_MS = 1000

/** Returns whether the card has been at its place long enough to be read. */
function useSettled(place: number): () => boolean {
  const stands = useRef({ place, since: 0 })
  useEffect(() => {
    stands.current = { place, since: Date.now() }
  }, [place])
  // A clock that is set back keeps nobody waiting.
  return () => Math.abs(Date.now() - stands.current.since) >= SETTLE_MS
}
