import { describe, expect, it } from 'vitest'
import { parseBinding } from '../../src/contract/bindings.ts'
import { refusal } from './support/access-room.ts'

describe('bindings', () => {
  it.each([
    ['', /not of the form/],
    ['role:editor', /connection is missing/],
    ['connection:sales', /role is missing/],
    ['role:root,connection:sales', /“role:root” is not a role/],
    ['role:__proto__,connection:sales', /is not a role/],
    ['role:constructor,connection:sales', /is not a role/],
    ['role:editor,connection:Sales', /connection must be/],
    ['role:editor,role:admin,connection:sales', /“role:admin” gives role a second time/],
    ['role:editor,connection:sales,connection:stock', /a second time/],
    ['role:editor,connection:sales,row:5', /“row” is none of/],
    ['role:editor,connection:sales,', /not of the form/],
    ['role:editor,connection:sales,table:', /“table:” has no value/],
    ['role:editor,connection:sales,table:*', /leave table out/],
    ['role:editor;connection:sales', /is not a role|is missing/],
    [`role:editor,connection:${'x'.repeat(5000)}`, /connection must be/],
  ])('refuses %j and names the part', (text, message) => {
    const refused = refusal(() => parseBinding(text))
    expect(refused.code).toBe('INVALID_REQUEST')
    expect(refused.message).toMatch(message)
    expect(refused.message.length).toBeLessThan(500)
  })

  it('reads roles, and narrowings repeated', () => {
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
