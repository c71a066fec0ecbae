import type { ConnectionRecord } from '../../../contract/records.ts'

export interface Sample {
  project: string
  document: string
}

/**
 * Returns the document that the steps use: `sales` of `demo` if it exists, otherwise the first document of any project.
 */
export function findSample(
  connections: readonly Pick<ConnectionRecord, 'name' | 'kind' | 'projects'>[],
): Sample | null {
  const documents = connections
    .filter(({ kind }) => kind === 'sqlite' || kind === 'grist')
    .flatMap(({ name, projects }) => projects.map((project) => ({ project, document: name })))
  return (
    documents.find(({ project, document }) => project === 'demo' && document === 'sales') ??
    documents.find(({ project }) => project === 'demo') ??
    documents[0] ??
    null
  )
}
