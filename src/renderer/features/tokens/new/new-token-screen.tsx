import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useRouter, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { Loading } from '../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../../ui/page.tsx'
import { CreatedToken, type NewToken } from './created-token.tsx'
import { NewTokenForm } from './new-token-form.tsx'
import { draftLike, EMPTY_DRAFT, grantAll, type TokenDraft } from './token-draft.ts'

/** Creates a token on one page: for whom, for what and for how long. */
export function NewTokenScreen() {
  const { project } = useParams({ from: '/projects/$project/tokens/new' })
  const search = useSearch({ from: '/projects/$project/tokens/new' })
  const { query } = useApi()
  const navigate = useNavigate()
  const router = useRouter()
  const tokens = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  const connections = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const [created, setCreated] = useState<NewToken | null>(null)

  const leave = (leaving = false): void => {
    const name = created?.token.name
    // The secret must not stay in memory.
    setCreated(null)
    if (leaving) return
    // The screen that asked for a token selects it.
    if (search.return !== undefined)
      router.history.push(name === undefined ? search.return : `${search.return}?token=${encodeURIComponent(name)}`)
    else if (name === undefined) void navigate({ to: '/projects/$project/tokens', params: { project } })
    else void navigate({ to: '/projects/$project/tokens/$token', params: { project, token: name } })
  }
  if (created !== null) return <CreatedToken created={created} onDone={leave} />
  return (
    <Page title={t`New token`} fill>
      <Loading query={connections} skeleton={<SkeletonRows head />}>
        {(all) => (
          <Loading query={tokens} skeleton={<SkeletonRows head />}>
            {(known) => {
              const like = known.find(({ name }) => name === search.like)
              const chosen = all.filter(({ name }) => name === search.connection)
              const blank: TokenDraft = {
                ...EMPTY_DRAFT,
                kind: search.kind ?? 'access',
                grants: grantAll(chosen, ['read']),
              }
              return (
                <NewTokenForm
                  project={project}
                  tokens={known}
                  connections={all}
                  initial={like === undefined ? blank : draftLike(like, blank)}
                  like={like?.name ?? null}
                  onCreated={setCreated}
                  onCancel={() => leave()}
                />
              )
            }}
          </Loading>
        )}
      </Loading>
    </Page>
  )
}
