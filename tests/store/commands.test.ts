import { describe, expect, test } from 'vitest'
import type { NewConnection, NewToken } from '../../src/engine/store/rows.ts'
import { STORES } from '../access/support/access-room.ts'
import { createTestClock } from '../support/test-clock.ts'

const connection = (name: string, account = name): NewConnection => ({
  name,
  kind: 'mcp',
  config: {},
  secret_location: 'keychain',
  secret_account: account,
  created_at: 1,
})

const token = (project: number, name: string, hash: string): NewToken => ({
  project_id: project,
  name,
  kind: 'access',
  prefix: hash.slice(0, 4),
  hash,
  grants: [],
  rate: null,
  created_at: 1,
  expires_at: null,
  mode: null,
  answer_chars: null,
})

describe.each(STORES)('commands of the directory, store %s', (_, makeStore) => {
  function seeded() {
    const { read, write } = makeStore(createTestClock())
    const project = write.createProject('shop', 1)
    return { read, write, project }
  }

  test('include a connection and set pass-through when it is created', () => {
    const { read, write, project } = seeded()
    const row = write.createConnection(connection('tracker'), { projectId: project.id, passThrough: true })
    expect(read.includes(project.id, row.id)).toBe(true)
    expect(read.project('shop')?.pass_through).toBe('tracker')
  })

  test('do not rotate a token whose secret was rotated meanwhile, or that was revoked', () => {
    const { read, write, project } = seeded()
    const { id } = write.createToken(token(project.id, 'agent', 'hash-1'))
    expect(write.rotateToken(id, 'hash-0', { prefix: 'x', hash: 'hash-2' })).toBe(false)
    expect(read.tokenById(id)?.hash).toBe('hash-1')
    expect(write.rotateToken(id, 'hash-1', { prefix: 'x', hash: 'hash-2' })).toBe(true)
    write.revokeToken(id, 5)
    expect(write.rotateToken(id, 'hash-2', { prefix: 'x', hash: 'hash-3' })).toBe(false)
    expect(read.tokenById(id)?.hash).toBe('hash-2')
  })

  test('do not extend a token that was changed meanwhile, or that was revoked', () => {
    const { read, write, project } = seeded()
    const { id, revision } = write.createToken(token(project.id, 'agent', 'hash-1'))
    expect(write.extendToken(id, revision + 1, 9)).toBe(false)
    expect(write.extendToken(id, revision, 9)).toBe(true)
    expect(write.extendToken(id, revision, 10)).toBe(false)
    write.revokeToken(id, 5)
    expect(write.extendToken(id, revision + 1, 11)).toBe(false)
    expect(read.tokenById(id)?.expires_at).toBe(9)
  })

  test('return a replaced token, which no longer exists', () => {
    const { read, write, project } = seeded()
    expect(write.replaceToken(token(project.id, 'agent', 'hash-1')).replaced).toBeNull()
    const { row, replaced } = write.replaceToken(token(project.id, 'agent', 'hash-2'))
    expect(replaced?.hash).toBe('hash-1')
    expect(read.tokens(project.id).map(({ id, hash }) => [id, hash])).toEqual([[row.id, 'hash-2']])
    expect(read.tokenByHash('hash-1')).toBeNull()
  })

  test('do not delete a connection while a project includes it, or after its secret was replaced', () => {
    const { read, write, project } = seeded()
    const { id } = write.createConnection(connection('tracker'), { projectId: project.id, passThrough: false })
    expect(write.deleteUnusedConnection(id, 'tracker')).toBe(false)
    write.exclude([project.id], id)
    expect(write.replaceSecret(id, 'vault', 'another', 5)).toEqual({
      secret_location: 'keychain',
      secret_account: 'tracker',
    })
    expect(write.deleteUnusedConnection(id, 'tracker')).toBe(false)
    expect(write.deleteUnusedConnection(id, 'another')).toBe(true)
    expect(read.connection('tracker')).toBeNull()
    expect(write.replaceSecret(id, 'vault', 'late', 5)).toBeNull()
    expect(write.setSecretLocation(id, 'vault', 'another')).toBe(false)
  })

  test('do not set the location of a secret if another secret replaced it', () => {
    const { read, write } = seeded()
    const { id } = write.createConnection(connection('tracker'))
    expect(write.setSecretLocation(id, 'vault', 'another')).toBe(false)
    expect(write.setSecretLocation(id, 'vault', 'tracker')).toBe(true)
    expect(read.connection('tracker')?.secret_location).toBe('vault')
  })

  test('set pass-through only for an MCP server that is alone in its project, and keep what is not given', () => {
    const { read, write, project } = seeded()
    const tracker = write.createConnection(connection('tracker'))
    const other = write.createConnection(connection('other'))
    const orders = write.createConnection({ ...connection('orders'), kind: 'sqlite' })
    write.include(project.id, orders.id)
    expect(write.updateProject(project.id, { mode: 'search', passThrough: 'tracker' })).toBe(false)
    write.include(project.id, tracker.id)
    for (const name of ['orders', 'Tracker', 'nothing'])
      expect(write.updateProject(project.id, { passThrough: name })).toBe(false)
    expect(read.project('shop')).toMatchObject({ mode: 'all', pass_through: null })
    expect(write.updateProject(project.id, { passThrough: 'tracker' })).toBe(true)
    write.include(project.id, other.id)
    expect(write.updateProject(project.id, { passThrough: 'tracker' })).toBe(false)
    expect(write.updateProject(project.id, { mode: 'search', answer_chars: 8000 })).toBe(true)
    expect(read.project('shop')).toMatchObject({ mode: 'search', pass_through: 'tracker' })
    expect(write.updateProject(project.id, { passThrough: null })).toBe(true)
    expect(read.project('shop')).toMatchObject({ mode: 'search', answer_chars: 8000, pass_through: null })
    expect(write.updateProject(project.id + 1000, { mode: 'all' })).toBe(false)
  })

  test('include nothing in a deleted project, and no deleted connection', () => {
    const { read, write, project } = seeded()
    const { id } = write.createConnection(connection('tracker'))
    expect(write.include(project.id, id + 1000)).toBe(false)
    expect([write.include(project.id, id), write.include(project.id, id)]).toEqual([true, true])
    write.deleteProject(project.id)
    expect(write.include(project.id, id)).toBe(false)
    expect(read.projectsOf(id)).toEqual([])
  })
})
