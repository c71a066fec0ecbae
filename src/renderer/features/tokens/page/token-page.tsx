import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Grant } from '../../../../contract/grants.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { counted } from '../../../lib/format.ts'
import { Page } from '../../../ui/page.tsx'
import { TokenMenu, useTokenDialog, type TokenDialog } from '../token-menu.tsx'
import { usePauseTokens } from '../use-pause-token.ts'
import { grantText } from './grant-text.ts'
import { PermissionMatrix } from './permission-matrix.tsx'
import { SaveReview } from './save-review.tsx'
import { TokenFacts } from './token-facts.tsx'
import styles from './token-page.module.css'

/** Shows exactly what one token can do. Its permissions are edited here. */
export function TokenPage() {
  const { project, token: name } = useParams({ from: '/projects/$project/tokens/$token' })
  const { query } = useApi()
  const { data: token, error } = useQuery(query.tokens.get.queryOptions({ input: { project, name }, retry: false }))
  if (token === undefined)
    return (
      <Page title={name}>{error === null ? 'Loading…' : <Text role="alert">{callErrorOf(error).sentence}</Text>}</Page>
    )
  return <LoadedToken key={`${project}/${name}`} token={token} />
}

function LoadedToken({ token }: { token: TokenRecord }) {
  const { query } = useApi()
  const queries = useQueryClient()
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: { project: token.project } }))
  /** Unsaved grants, with the token they are based on. */
  const [draft, setDraft] = useState<{ grants: Grant[]; base: TokenRecord } | null>(null)
  const [reviewing, setReviewing] = useState(false)
  const [search, setSearch] = useState('')
  const [onlyHeld, setOnlyHeld] = useState(token.grants.length > 0)
  const [dialog, openDialog] = useTokenDialog([token])
  const pause = usePauseTokens()
  const ended = token.status !== 'active'
  const base = draft?.base ?? token
  const changed = draft !== null && JSON.stringify(draft.grants) !== JSON.stringify(base.grants)
  const isStale = changed && token.revision !== base.revision
  const grants = draft?.grants ?? token.grants
  const shown = useMemo(
    () =>
      (connections ?? []).filter(
        ({ name }) =>
          name.includes(search) &&
          (!onlyHeld || [...grants, ...base.grants].some((grant) => grant.connection === name)),
      ),
    [connections, search, onlyHeld, grants, base],
  )
  const startOver = (): void => setDraft(null)
  return (
    <Page
      title={token.name}
      hint={<TokenFacts token={token} editable={!changed} onExtend={() => openDialog(token, 'extend')} />}
      actions={
        <Actions
          token={token}
          onPause={() => pause([token], !token.paused)}
          onDialog={(next) => openDialog(token, next)}
        />
      }
    >
      <Group gap="md" mb="xs">
        <TextInput
          aria-label="Search connections"
          placeholder={`Search ${counted(connections?.length ?? 0, 'connection')}`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Checkbox
          label="With access only"
          checked={onlyHeld}
          onChange={(event) => setOnlyHeld(event.currentTarget.checked)}
        />
      </Group>
      {ended && <Text size="sm">An ended token stays ended. Its permissions can be read, not changed.</Text>}
      {!ended && grants.length === 0 && <Text size="sm">It can't reach anything yet. Select what it needs.</Text>}
      <div className={styles.scroll}>
        <PermissionMatrix
          connections={shown}
          grants={grants}
          readOnly={ended}
          onChange={(next) => setDraft({ grants: next, base: changed ? base : token })}
        />
      </div>
      {isStale && (
        <Group gap="xs" role="alert" mt="xs">
          <Text size="sm">This token changed since you opened it.</Text>
          <Button size="xs" variant="default" onClick={startOver}>
            Start over
          </Button>
        </Group>
      )}
      {changed && (
        <div className={styles.bar} role="region" aria-label="Unsaved changes">
          <Text size="sm" className={styles.text}>
            {grants.length === 0
              ? 'No access'
              : grants.map((grant) => `${grant.connection}: ${grantText(grant)}`).join('; ')}
          </Text>
          <Button variant="default" onClick={startOver}>
            Discard
          </Button>
          <Button disabled={isStale} onClick={() => setReviewing(true)}>
            Review and save
          </Button>
        </div>
      )}
      {reviewing && draft !== null && (
        <SaveReview
          token={base}
          grants={draft.grants}
          onClose={() => setReviewing(false)}
          onSaved={(saved) => {
            const input = { project: saved.project, name: saved.name }
            queries.setQueryData(query.tokens.get.queryKey({ input }), saved)
            startOver()
          }}
        />
      )}
      {dialog}
    </Page>
  )
}

interface ActionsProps {
  token: TokenRecord
  onPause: () => void
  onDialog: (dialog: TokenDialog) => void
}

function Actions({ token, onPause, onDialog }: ActionsProps) {
  const navigate = useNavigate()
  const active = token.status === 'active'
  return (
    <>
      {active && (
        <Button variant="default" onClick={onPause}>
          {token.paused ? 'Resume token' : 'Pause'}
        </Button>
      )}
      {active && (
        <Button variant="default" onClick={() => onDialog('revoke')}>
          Revoke…
        </Button>
      )}
      <TokenMenu
        token={token}
        onPause={onPause}
        onDialog={onDialog}
        onClone={({ project, name }) =>
          void navigate({ to: '/projects/$project/tokens/new', params: { project }, search: { like: name } })
        }
      />
    </>
  )
}
