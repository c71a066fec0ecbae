import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'

/** Returns a function that reads the revisions of tokens, as a text to compare. */
export function useTokenRevisions(): (tokens: readonly Pick<TokenRecord, 'project' | 'name'>[]) => Promise<string> {
  const { owner } = useApi()
  return async (tokens) => {
    const projects = [...new Set(tokens.map(({ project }) => project))]
    const lists = await Promise.all(projects.map((project) => owner.tokens.list({ project })))
    const names = new Set(tokens.map(({ project, name }) => `${project}/${name}`))
    const found = lists.flat().filter(({ project, name }) => names.has(`${project}/${name}`))
    return JSON.stringify(found.map(({ project, name, revision }) => [project, name, revision]).toSorted())
  }
}
