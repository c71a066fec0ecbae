import { describe, expect, it } from 'vitest'
import { parseBinding } from '../../src/contract/bindings.ts'
import { refusal } from './support/access-room.ts'

describe('bindings', () => {
  it.each([
    ['', /must be KEY:VALUE/],
    ['role:editor', /add connection:NAME/],
    ['connection:sales', /add role:viewer/],
    ['role:root,connection:sales', /unknown role "root"/],
    ['role:__proto__,connection:sales', /unknown role/],
    ['role:constructor,connection:sales', /unknown role/],
    ['role:editor,connection:Sales', /connection must start/],
    ['role:editor,role:admin,connection:sales', /role can be given only once/],
    ['role:editor,connection:sales,connection:stock', /only once/],
    ['role:editor,connection:sales,row:5', /unknown key "row"/],
    ['role:editor,connection:sales,', /must be KEY:VALUE/],
    ['role:editor,connection:sales,table:', /"table:" needs a value/],
    ['role:editor,connection:sales,table:*', /leave out table/],
    ['role:editor;connection:sales', /add connection|unknown role/],
    [`role:editor,connection:${'x'.repeat(5000)}`, /connection must start/],
  ])('rejects %j and names the invalid part', (text, message) => {
    const refused = refusal(() => parseBinding(text))
    expect(refused.code).toBe('INVALID_REQUEST')
    expect(refused.message).toMatch(message)
    expect(refused.message.length).toBeLessThan(500)
  })

  it('reads roles and repeated limits', () => {
    expect(parseBinding('role:viewer,connection:sales')).toEqual({ connection: 'sales', permissions: ['read'] })
    expect(parseBinding('role:admin, connection:sales')).toEqual({
      connection: 'sales',
      permissions: ['read', 'write', 'schema'],
    })
    expect(
      parseBinding('role:editor,connection:sales,table:Orders,table:Notes,tool:search_*,path:/v1/listings/*,path:/a:b'),
    ).toEqual({
      connection: 'sales',
      permissions: ['read', 'write'],
      tables: ['Orders', 'Notes'],
      tools: ['search_*'],
      paths: ['/v1/listings/*', '/a:b'],
    })
  })
})
