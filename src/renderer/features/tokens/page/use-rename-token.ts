import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { useSaved } from '../../../ui/use-saved.tsx'

export interface TokenRenaming {
  /** Returns the name that the token had before it was renamed on this page. */
  formerOf(token: TokenRecord): string | null
  rename(token: TokenRecord, name: string): Promise<void>
}

/** Renames the page's token and follows it to its new address. It must be used where that keeps its state. */
export function useRenameToken(): TokenRenaming {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()
  const saved = useSaved()
  const [former, setFormer] = useState<{ name: string; now: string; project: string } | null>(null)

  async function move(project: string, name: string, revision: number, next: string): Promise<number> {
    const { token } = await owner.tokens.update({ project, name, revision, set: { name: next } })
    queries.setQueryData(query.tokens.get.queryKey({ input: { project, name: next } }), token)
    setFormer({ name, now: next, project })
    // Undoing it elsewhere leaves the owner where they are.
    if (!router.state.location.pathname.endsWith(`/projects/${project}/tokens/${name}`)) return token.revision
    await navigate({
      to: '/projects/$project/tokens/$token',
      params: { project, token: next },
      search: (search) => search,
      replace: true,
    })
    return token.revision
  }

  return {
    formerOf: ({ project, name }) => (former?.project === project && former.now === name ? former.name : null),
    async rename({ project, name, revision }, next) {
      const renamed = await move(project, name, revision, next)
      saved(() => move(project, next, renamed, name))
    },
  }
}
