import { createTanstackQueryUtils, type RouterUtils } from '@orpc/tanstack-query'
import { createContext, use, useMemo, type ReactNode } from 'react'
import type { EngineClient, OwnerClient, ShellClient } from './engine-client.ts'

export interface Api {
  /** Query and mutation options of every call: `api.query.tokens.list.queryOptions({input})`. */
  query: RouterUtils<OwnerClient>
  owner: OwnerClient
  /** Null in the web console. */
  shell: ShellClient | null
}

const ApiContext = createContext<Api | null>(null)

export function ApiProvider({ client, children }: { client: EngineClient; children: ReactNode }) {
  const api = useMemo(
    () => ({ query: createTanstackQueryUtils(client.owner), owner: client.owner, shell: client.shell }),
    [client],
  )
  return <ApiContext value={api}>{children}</ApiContext>
}

export function useApi(): Api {
  const api = use(ApiContext)
  if (api === null) throw new Error('useApi is called outside of ApiProvider.')
  return api
}
