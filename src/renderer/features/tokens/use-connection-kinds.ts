import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ConnectionKind } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'

/** Kind of a connection of the project by name; undefined where the project does not include it. */
export function useConnectionKinds(project: string): (connection: string) => ConnectionKind | undefined {
  const { query } = useApi()
  const { data } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  return useMemo(() => {
    const kinds = new Map(data?.map(({ name, kind }) => [name, kind]))
    return (connection) => kinds.get(connection)
  }, [data])
}
