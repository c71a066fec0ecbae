import type { ConnectionRecord } from '../../../contract/records.ts'

export interface Sample {
  project: string
  document: string
}

/** The document that the steps speak of: the sample `sales` of `demo` while it is there, else the first document of any project. */
export function findSample(connections: readonly ConnectionRecord[]): Sample | null {
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
