import { describe, expect, it } from 'vitest'
import { addToken, dataFolders, seedProject } from './support/data-folders.ts'

describe('the store', () => {
  const { folder, open } = dataFolders()
  const rejection = (field: string): unknown => expect.objectContaining({ code: 'INVALID_REQUEST', field })

  it('rejects a name that exists, whatever its case, and names it', () => {
    const store = open(folder())
    const { projectId } = seedProject(store)
    addToken(store, projectId, 'agent')
    expect(() => store.write.createProject('sales', 1)).toThrow(rejection('name'))
    expect(() => store.write.createProject('SALES', 1)).toThrow(rejection('name'))
    expect(() => addToken(store, projectId, 'Agent')).toThrow(rejection('name'))
    expect(store.read.project('Sales')).toBeNull()
    expect(store.read.token(projectId, 'AGENT')).toBeNull()
  })

  it('rejects a grant on a connection that the project does not include, and stores nothing of the token', () => {
    const store = open(folder())
    const { projectId, connectionId } = seedProject(store)
    store.write.exclude([projectId], connectionId)
    expect(() => addToken(store, projectId, 'agent')).toThrow(rejection('grants'))
    expect(store.read.tokens()).toEqual([])
  })

  it('removes every grant with the inclusion, even when the connection is included or created again', () => {
    const store = open(folder())
    const { projectId, connectionId } = seedProject(store)
    const tokenId = addToken(store, projectId, 'agent')
    store.write.exclude([projectId], connectionId)
    store.write.include(projectId, connectionId)
    expect(store.read.tokenById(tokenId)?.grants).toEqual([])
    const other = addToken(store, projectId, 'other')
    store.write.deleteConnection(connectionId)
    const again = store.write.createConnection({
      name: 'crm',
      kind: 'sqlite',
      config: {},
      secret_location: null,
      secret_account: 'account-2',
      created_at: 1,
    })
    store.write.include(projectId, again.id)
    expect(again.id).not.toBe(connectionId)
    expect(store.read.tokenById(other)?.grants).toEqual([])
  })

  it('deletes a project with its tokens and keeps the first timestamp of a revoke', () => {
    const store = open(folder())
    const { projectId } = seedProject(store)
    const tokenId = addToken(store, projectId, 'agent')
    store.write.revokeToken(tokenId, 5)
    store.write.revokeToken(tokenId, 9)
    store.write.touchTokens(
      new Map([
        [tokenId, 7],
        [999, 1],
      ]),
    )
    expect(store.read.tokenByHash('hash-of-agent')).toMatchObject({ revoked_at: 5, last_used_at: 7 })
    store.write.deleteProject(projectId)
    expect(store.read.tokenById(tokenId)).toBeNull()
    expect(store.read.connection('crm')?.config).toEqual({ kind: 'sqlite', path: 'crm.sqlite' })
  })

  it('returns a token with its grants as they were given', () => {
    const store = open(folder())
    const { projectId, connectionId } = seedProject(store)
    addToken(store, projectId, 'agent')
    expect(store.read.tokens(projectId)[0]?.grants).toEqual([
      { connection: 'crm', permissions: ['read', 'write'], tables: ['Orders'] },
    ])
    expect(store.read.projectsOf(connectionId)).toEqual(['sales'])
    expect(store.read.includes(projectId, connectionId)).toBe(true)
  })
})
