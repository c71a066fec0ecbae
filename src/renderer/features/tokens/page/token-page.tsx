import { Anchor, Button, Group, Tabs } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { Loading } from '../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../ui/loading/skeleton-rows.tsx'
import { useLeaveGuard } from '../../../ui/editing/use-leave-guard.tsx'
import { Page, PageTitle } from '../../../ui/page.tsx'
import { TokenMenu, useTokenDialog, type TokenDialog } from '../token-menu.tsx'
import { usePauseTokens } from '../use-pause-token.ts'
import { ChangedElsewhere } from './review/changed-elsewhere.tsx'
import { DriftedEntries } from './drifted-entries.tsx'
import { EditInPlace } from '../../../ui/editing/edit-in-place.tsx'
import { EndedToken } from './ended-token.tsx'
import { PermissionsTab } from './permissions-tab.tsx'
import { RenameEffect } from './rename-effect.tsx'
import { SaveBar } from './review/save-bar.tsx'
import { SaveReview } from './review/save-review.tsx'
import { ActivityTab } from './tabs/activity-tab.tsx'
import { HistoryTab } from './tabs/history-tab.tsx'
import { LimitsTab } from './tabs/limits-tab.tsx'
import { SessionsTab } from './tabs/sessions-tab.tsx'
import { useLimitsDraft } from './tabs/use-limits-draft.ts'
import { TokenFacts } from './token-facts.tsx'
import styles from './token-page.module.css'
import { useGrantsDraft } from './use-grants-draft.ts'
import { useRenameToken, type TokenRenaming } from './use-rename-token.ts'

/** Shows exactly what one token can do. Its permissions are edited here. */
export function TokenPage() {
  const { project, token: name } = useParams({ from: '/projects/$project/tokens/$token' })
  const { query } = useApi()
  const renaming = useRenameToken()
  const loading = useQuery(query.tokens.get.queryOptions({ input: { project, name }, retry: false }))
  const { data: token } = loading
  if (token === undefined)
    return (
      <Page title={name}>
        <Loading query={loading} skeleton={<SkeletonRows />}>
          {() => null}
        </Loading>
      </Page>
    )
  return <LoadedToken key={`${project}/${name}`} token={token} renaming={renaming} />
}

function LoadedToken({ token, renaming }: { token: TokenRecord; renaming: TokenRenaming }) {
  const { project, name } = token
  const { query } = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { tab: chosen } = useSearch({ from: '/projects/$project/tokens/$token' })
  const connections = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const sessions = useQuery(query.sessions.list.queryOptions({ input: { project, ended: true } }))
  const draft = useGrantsDraft(token)
  const limits = useLimitsDraft(token)
  const { grants, base, isChanged, isStale, startOver } = draft
  const guard = useLeaveGuard(isChanged || limits.isChanged)
  const [reviewing, setReviewing] = useState(false)
  const [dialog, openDialog] = useTokenDialog([token])
  const pause = usePauseTokens()
  // A token of the owner's session tokens can have the same name.
  const own = (sessions.data ?? []).filter((session) => session.parent === name && !session.of_owner)
  const tabs = tabsOf(own.filter(({ ended_at: ended }) => ended === null).length)
  const tab = tabs.find(([value]) => value === chosen)?.[0] ?? 'permissions'
  const active = token.status === 'active'
  const former = renaming.formerOf(token)
  return (
    <Page
      title={name}
      fill
      heading={
        <Group gap="4px 12px">
          <Anchor component={Link} to={`/projects/${project}/tokens`} size="sm" c="dimmed">
            {t`‹ Agents & tokens`}
          </Anchor>
          <EditInPlace
            label={t`Name`}
            value={name}
            maxLength={63}
            action={t`Edit name`}
            editable={active && !isChanged && !limits.isChanged}
            renderEffect={(next) => <RenameEffect token={token} next={next} />}
            onSave={(next) => renaming.rename(token, next)}
          >
            <PageTitle>{name}</PageTitle>
          </EditInPlace>
        </Group>
      }
      hint={
        <TokenFacts
          token={token}
          editable={!isChanged && !limits.isChanged}
          onExtend={() => openDialog(token, 'extend')}
        />
      }
      actions={
        <Actions
          token={token}
          onPause={() => pause([token], !token.paused)}
          onDialog={(next) => openDialog(token, next)}
        />
      }
    >
      {!active && <EndedToken token={token} />}
      {isStale && <ChangedElsewhere token={token} draft={draft} />}
      {token.kind === 'local' && former !== null && <DriftedEntries token={token} former={former} />}
      <Tabs
        value={tab}
        keepMounted={false}
        className={styles.tabs ?? ''}
        onChange={(value) =>
          void navigate({
            to: '/projects/$project/tokens/$token',
            params: { project, token: name },
            search: value === null ? {} : { tab: value },
            replace: true,
          })
        }
      >
        <Tabs.List className={styles.list ?? ''}>
          {tabs.map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="permissions" className={styles.panel}>
          <Loading query={connections} skeleton={<SkeletonRows rows={6} />}>
            {(all) => <PermissionsTab token={token} connections={all} draft={draft} />}
          </Loading>
        </Tabs.Panel>
        <Tabs.Panel value="activity" className={styles.panel}>
          <ActivityTab token={token} />
        </Tabs.Panel>
        <Tabs.Panel value="sessions" className={styles.panel}>
          <Loading query={sessions} skeleton={<SkeletonRows rows={4} />}>
            {() => <SessionsTab token={token} sessions={own} />}
          </Loading>
        </Tabs.Panel>
        <Tabs.Panel value="limits" className={styles.panel}>
          <LimitsTab token={token} draft={limits} editable={token.status === 'active' && !isChanged} />
        </Tabs.Panel>
        <Tabs.Panel value="history" className={styles.panel}>
          <HistoryTab token={token} />
        </Tabs.Panel>
      </Tabs>
      {isChanged && <SaveBar draft={draft} onReview={() => setReviewing(true)} />}
      {reviewing && isChanged && (
        <SaveReview
          token={base}
          grants={grants}
          onClose={() => setReviewing(false)}
          onSaved={(saved) => {
            queries.setQueryData(query.tokens.get.queryKey({ input: { project, name } }), saved)
            startOver()
          }}
        />
      )}
      {dialog}
      {guard}
    </Page>
  )
}

function tabsOf(sessions: number): [value: string, label: string][] {
  return [
    ['permissions', t`Permissions`],
    ['activity', t`Activity`],
    ['sessions', sessions === 0 ? t`Session tokens` : t`Session tokens ${sessions}`],
    ['limits', t`Limits`],
    ['history', t`History`],
  ]
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
        <Button data-writes variant="default" onClick={onPause}>
          {token.paused ? t`Resume token` : t`Pause`}
        </Button>
      )}
      {active && token.kind === 'access' && (
        <Button data-writes variant="default" onClick={() => onDialog('rotate')}>{t`Rotate…`}</Button>
      )}
      {active && <Button data-writes variant="default" onClick={() => onDialog('revoke')}>{t`Revoke…`}</Button>}
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
