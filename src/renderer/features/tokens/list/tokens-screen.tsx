import { Button } from '@mantine/core'
import { IconClockPlay, IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Loading } from '../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../../ui/page.tsx'
import { MintSession } from '../session/mint-session.tsx'
import { TokensTable } from './tokens-table.tsx'

/** The project's tokens: what each can use, and which are in use. */
export function TokensScreen() {
  const { project } = useParams({ from: '/projects/$project/tokens' })
  const { query } = useApi()
  const navigate = useNavigate()
  const tokens = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  const sessions = useQuery(query.sessions.list.queryOptions({ input: { project, ended: true } }))
  const [minting, setMinting] = useState(false)
  const isEmpty = tokens.data?.length === 0 && sessions.data?.some(({ ended_at: ended }) => ended === null) !== true
  const create = (from: TokenRecord | null): void =>
    void navigate({
      to: '/projects/$project/tokens/new',
      params: { project },
      search: from === null ? {} : { like: from.name },
    })
  return (
    <Page
      title={t`Agents & tokens`}
      hint={t`Who can get in, and what each can reach.`}
      fill
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconClockPlay size={16} />}
            onClick={() => setMinting(true)}
          >{t`New session token`}</Button>
          {!isEmpty && (
            <Button
              data-key="n"
              leftSection={<IconPlus size={16} />}
              onClick={() => create(null)}
            >{t`New token`}</Button>
          )}
        </>
      }
    >
      <Loading query={tokens} skeleton={<SkeletonRows head />}>
        {(all) =>
          isEmpty ? (
            <EmptyState
              icon={<IconKey size={36} stroke={1.4} />}
              title={t`No tokens yet`}
              action={<Button data-key="n" onClick={() => create(null)}>{t`New token`}</Button>}
            >{t`A token names one agent, script or person, and what it can do.`}</EmptyState>
          ) : (
            <TokensTable project={project} tokens={all} sessions={sessions.data ?? []} onClone={create} />
          )
        }
      </Loading>
      {minting && <MintSession projects={[project]} onClose={() => setMinting(false)} />}
    </Page>
  )
}
