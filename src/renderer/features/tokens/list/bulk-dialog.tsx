import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { Confirm } from '../../../ui/confirm.tsx'
import { showFailure } from '../../../ui/failure.tsx'
import { useSaved } from '../../../ui/use-saved.tsx'
import { FIRST_LIFETIME, LifetimeChoice, lifetimeProblem, lifetimeText } from '../lifetime-choice.tsx'
import { useTokenRevisions } from '../use-token-revisions.ts'
import styles from './tokens.module.css'

interface BulkDialogProps {
  project: string
  names: readonly string[]
  action: 'extend' | 'revoke'
  onClose: () => void
  onDone: () => void
}

/** Names every token, says what the action ends, and afterward which tokens it failed for. */
export function BulkDialog({ project, names, action, onClose, onDone }: BulkDialogProps) {
  const { owner, query } = useApi()
  const saved = useSaved()
  const revisionsOf = useTokenRevisions()
  const [lifetime, setLifetime] = useState(FIRST_LIFETIME)
  const tokens = names.map((name) => ({ project, name }))
  const preview = useQuery(
    query.tokens.bulk.queryOptions({
      input: { tokens, action: 'revoke', preview: true },
      enabled: action === 'revoke',
      staleTime: 0,
      retry: false,
    }),
  )
  const title =
    action === 'revoke'
      ? t`Revoke ${plural(names.length, '# token', '# tokens')}`
      : t`Extend ${plural(names.length, '# token', '# tokens')}`
  const problem = action === 'extend' ? lifetimeProblem(lifetime) : null
  const confirm = async (): Promise<void> => {
    const ttl = action === 'extend' ? { ttl: lifetimeText(lifetime) } : {}
    const before = action === 'extend' ? await owner.tokens.list({ project }) : []
    const { outcomes } = await owner.tokens.bulk({ tokens, action, ...ttl })
    const done = outcomes.filter((outcome) => outcome.problem === null).map(({ name }) => name)
    const failed = outcomes.filter((outcome) => outcome.problem !== null)
    if (failed.length > 0) {
      const count = t`${plural(failed.length, '# token', '# tokens')}`
      const why = failed.map((outcome) => `${outcome.name}: ${outcome.problem}`).join(' ')
      showFailure(
        action === 'revoke' ? t`${count} couldn't be revoked. ${why}` : t`${count} couldn't be extended. ${why}`,
      )
    }
    if (action === 'extend' && done.length > 0) await offerFormerExpiry(before, done)
    onDone()
  }
  const offerFormerExpiry = async (before: readonly TokenRecord[], extended: readonly string[]): Promise<void> => {
    const now = (await owner.tokens.list({ project })).filter(({ name }) => extended.includes(name))
    const revisions = await revisionsOf(now)
    const former = new Map(before.map((token) => [token.name, token.expires_at]))
    const undo = async (): Promise<void> => {
      const problems: string[] = []
      for (const { name, revision } of now) {
        const expiry = former.get(name)
        if (expiry === undefined) continue
        await owner.tokens
          .update({ project, name, revision, set: { expires_at: expiry } })
          .catch((thrown: unknown) => problems.push(`${name}: ${callErrorOf(thrown).sentence}`))
      }
      if (problems.length > 0) showFailure(problems.join(' '))
    }
    const count = t`${plural(now.length, '# token', '# tokens')}`
    saved(undo, t`Extended ${count}`, async () => (await revisionsOf(now)) === revisions)
  }
  return (
    <Confirm
      opened
      title={title}
      action={title}
      calm={action === 'extend'}
      known={(action === 'extend' || preview.data !== undefined) && problem === null}
      onClose={onClose}
      onConfirm={confirm}
    >
      <Stack gap="sm">
        <div className={styles.grants}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long list scrolls */}
          <ul aria-label={t`Tokens`} tabIndex={0}>
            {names.map((name) => (
              <li key={name} className="hp-mono">
                {name}
              </li>
            ))}
          </ul>
        </div>
        {action === 'extend' && <LifetimeChoice value={lifetime} onChange={setLifetime} problem={problem} />}
        {preview.error !== null && (
          <Text role="alert" size="sm">
            {callErrorOf(preview.error).sentence}
          </Text>
        )}
        {preview.data !== undefined && (
          <Text size="sm">{effectSentence(names.length, preview.data.sessions_ended, preview.data.requests_cut)}</Text>
        )}
      </Stack>
    </Confirm>
  )
}

/** Returns "3 tokens are revoked. 5 session tokens end and 1 request is interrupted." */
function effectSentence(tokens: number, sessions: number, requests: number): string {
  const first = t`${plural(tokens, '# token is', '# tokens are')} revoked.`
  if (sessions > 0 && requests > 0)
    return `${first} ${t`${plural(sessions, '# session token ends', '# session tokens end')} and ${plural(requests, '# request is', '# requests are')} interrupted.`}`
  if (sessions > 0) return `${first} ${t`${plural(sessions, '# session token ends', '# session tokens end')}.`}`
  return requests > 0 ? `${first} ${t`${plural(requests, '# request is', '# requests are')} interrupted.`}` : first
}
