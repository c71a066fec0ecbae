import { describe, expect, it } from 'vitest'
import { roleOf, accessSummary } from '../../src/renderer/features/tokens/grant-summary.ts'

const document = () => 'sqlite' as const

describe('describing what a token may do', () => {
  it('says that a token without permissions can do nothing', () => {
    expect(accessSummary([], document)).toBe('No access yet.')
  })

  it('says what an editor of some tables cannot do', () => {
    expect(accessSummary([{ connection: 'sales', permissions: ['read', 'write'], tables: ['Orders'] }], document)).toBe(
      'Can read and write Orders in sales, but not change its schema.',
    )
  })

  it('says that a viewer cannot write', () => {
    expect(accessSummary([{ connection: 'sales', permissions: ['read'] }], document)).toBe(
      'Can read sales, but not write.',
    )
  })

  it('names the change of columns where it is given', () => {
    expect(accessSummary([{ connection: 'sales', permissions: ['read', 'write', 'schema'] }], document)).toBe(
      'Can read and write sales and change its schema.',
    )
  })

  it('names paths and tools of connections that are no documents', () => {
    expect(accessSummary([{ connection: 'api', permissions: ['read'], paths: ['/v1/*', '/v2'] }], () => 'http')).toBe(
      'Can read /v1/* and /v2 in api.',
    )
  })

  it('gives a role its name only where the permissions are exactly its own', () => {
    expect(roleOf(['write', 'read'])).toBe('editor')
    expect(roleOf(['write'])).toBeNull()
  })
})
