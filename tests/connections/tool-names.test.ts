import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectionOfName, LONGEST_TOOL_NAME, namespacedName } from '../../src/engine/text/tool-names.ts'

describe('namespacedName', () => {
  it("never gives two tools one name, even if one is named like the other's hash", () => {
    const long = 'search_'.repeat(12)
    const hashed = namespacedName('api', long)
    const posing = hashed.slice('api__'.length)
    expect(namespacedName('api', posing)).not.toBe(hashed)
    expect(namespacedName('api', 'a.b')).not.toBe(namespacedName('api', 'a/b'))
  })

  it('never confuses two connections, however their names are cut', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/)
    fc.assert(
      fc.property(name, name, fc.string(), fc.string(), (one, other, first, second) => {
        fc.pre(one !== other)
        expect(namespacedName(one, first)).not.toBe(namespacedName(other, second))
      }),
    )
  })

  it("leads back to its connection and no other, however long the connection's name is", () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/)
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.string({ minLength: 1 }), (connections, tool) => {
        for (const connection of connections)
          expect(connectionOfName(namespacedName(connection, tool), connections).connection).toBe(connection)
      }),
    )
    const [long, longer] = ['a'.repeat(62), 'a'.repeat(63)]
    expect(connectionOfName(namespacedName(longer, 'search'), [long, longer]).connection).toBe(longer)
    expect(connectionOfName(namespacedName(longer, 'search'), [long]).connection).toBeNull()
    expect(connectionOfName('list_tables', ['list']).connection).toBeNull()
  })

  it('is at most 47 plain characters long for any name', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (connection, name) => {
          const given = namespacedName(connection, name)
          expect(given).toMatch(/^[A-Za-z0-9_-]+$/)
          expect(given.length).toBeLessThanOrEqual(LONGEST_TOOL_NAME)
        },
      ),
    )
  })

  it('leaves a name that fits unchanged, and always shortens a longer one to the same name', () => {
    expect(namespacedName('github', 'create_issue')).toBe('github__create_issue')
    expect(namespacedName('api', 'x'.repeat(36))).toBe(`api__${'x'.repeat(36)}`)
    expect(namespacedName('property-management', 'listVacationRentalReservationsForPropertyAndOwner')).toBe(
      'property-management__listVacationRenta_ce8b738e',
    )
  })
})
