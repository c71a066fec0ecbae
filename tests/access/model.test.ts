import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../src/contract/grants.ts'
import type { Grant, Permission } from '../../src/contract/grants.ts'
import { HallpassError } from '../../src/contract/errors.ts'
import { decide } from '../../src/engine/access/decide.ts'
import { openRoom } from './support/access-room.ts'
import type { Room } from './support/access-room.ts'
import { repeats } from '../support/repeats.ts'

const CONNECTIONS = ['sales', 'stock'] as const
const TABLES = ['Orders', 'Notes', '__proto__'] as const
const DEMANDS = CONNECTIONS.flatMap((connection) =>
  PERMISSIONS.flatMap((permission) => TABLES.map((table) => ({ connection, permission, table }))),
)

/** A permission is a plain string, so that the model shares no code with the tested code. */
type Rights = Set<string>
const right = (connection: string, permission: string, table: string): string => `${connection}/${permission}/${table}`

interface ModelToken {
  name: string
  bearer: string
  rights: Rights
  endsAt: number
  monotonicEnd: number
  ended: boolean
}
interface ModelSession {
  id: string
  bearer: string
  parent: ModelToken
  rights: Rights
  connection: string
  endsAt: number
  monotonicEnd: number
  uses: number | null
  ended: boolean
}

class Model {
  readonly tokens: ModelToken[] = []
  readonly sessions: ModelSession[] = []
  highest = 0
}

interface Step {
  kind: string
  pick: number
  grants: Grant[]
  permissions: Permission[]
  connection: string
  tables: string[] | null
  seconds: number
  uses: number | null
}

const grant = fc.record(
  {
    connection: fc.constantFrom(...CONNECTIONS),
    permissions: fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { minLength: 1 }),
    tables: fc.uniqueArray(fc.constantFrom(...TABLES), { minLength: 1 }),
  },
  { requiredKeys: ['connection', 'permissions'] },
) as fc.Arbitrary<Grant>

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'create',
    'create',
    'mint',
    'mint',
    'mint',
    'use',
    'use',
    'delegate',
    'revoke',
    'delete',
    'replace',
    'rotate',
    'extend',
    'exclude',
    'include',
    'pass',
    'back',
    'sleep',
    'end',
  ),
  pick: fc.nat(),
  grants: fc.array(grant, { maxLength: 3 }),
  permissions: fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { minLength: 1 }),
  connection: fc.constantFrom(...CONNECTIONS),
  tables: fc.option(fc.uniqueArray(fc.constantFrom(...TABLES), { minLength: 1 })),
  seconds: fc.integer({ min: 1, max: 400 }),
  uses: fc.option(fc.integer({ min: 1, max: 3 })),
})

function rightsOf(grants: readonly Grant[]): Rights {
  return new Set(
    grants.flatMap(({ connection, permissions, tables }) =>
      permissions.flatMap((permission) => (tables ?? TABLES).map((table) => right(connection, permission, table))),
    ),
  )
}

function effective(subject: ModelToken | ModelSession): Rights {
  return 'parent' in subject
    ? new Set([...subject.rights].filter((each) => subject.parent.rights.has(each)))
    : subject.rights
}

async function attempt<T>(work: () => T | Promise<T>): Promise<T | HallpassError> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HallpassError) return error
    throw error
  }
}

async function play({ access, store, clock }: Room, model: Model, steps: readonly Step[]): Promise<void> {
  const shop = store.read.project('shop')
  if (shop === null) throw new Error('no project')
  const included = new Set<string>(CONNECTIONS)
  let made = 0
  model.highest = clock.now()

  const alive = (subject: ModelToken | ModelSession): boolean => {
    model.highest = Math.max(model.highest, clock.now())
    if (model.highest >= subject.endsAt || clock.monotonic() >= subject.monotonicEnd || subject.ended) return false
    return !('parent' in subject) || (subject.uses !== 0 && alive(subject.parent))
  }
  const picked = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)]
  const clocks = (seconds: number): { endsAt: number; monotonicEnd: number } => {
    model.highest = Math.max(model.highest, clock.now())
    return { endsAt: model.highest + seconds * 1000, monotonicEnd: clock.monotonic() + seconds * 1000 }
  }
  const create = async (name: string, { grants, seconds }: Step, force: boolean): Promise<void> => {
    const outcome = await attempt(() =>
      access.createToken({ project: 'shop', name, kind: 'access', grants, ttl: `${seconds}s`, force }),
    )
    const allowed = grants.every((each) => included.has(each.connection))
    expect(outcome instanceof HallpassError).toBe(!allowed)
    if (outcome instanceof HallpassError) return
    for (const token of model.tokens) if (token.name === name) token.ended = true
    model.tokens.push({
      name,
      bearer: outcome.secret ?? '',
      rights: rightsOf(grants),
      ...clocks(seconds),
      ended: false,
    })
  }

  for (const each of steps) {
    const token = picked(model.tokens, each.pick)
    const session = picked(model.sessions, each.pick)
    switch (each.kind) {
      case 'create':
        made += 1
        await create(`t${made}`, each, false)
        break
      case 'replace':
        if (token !== undefined) await create(token.name, each, true)
        break
      case 'rotate': {
        const holder = model.tokens.findLast((one) => one.name === token?.name)
        if (holder === undefined) break
        const lives = alive(holder)
        const outcome = await attempt(() => access.rotateToken('shop', holder.name))
        expect(outcome instanceof HallpassError).toBe(!lives)
        if (outcome instanceof HallpassError) break
        model.tokens.push({ ...holder, bearer: outcome.secret })
        holder.ended = true
        break
      }
      case 'extend': {
        const holder = model.tokens.findLast((one) => one.name === token?.name)
        if (holder === undefined) break
        const lives = alive(holder)
        const outcome = await attempt(() => access.extendToken('shop', holder.name, `${each.seconds}s`))
        expect(outcome instanceof HallpassError).toBe(!lives)
        if (lives) Object.assign(holder, clocks(each.seconds))
        break
      }
      case 'mint': {
        if (token === undefined || !alive(token)) break
        const { permissions, connection, tables, seconds, uses } = each
        const outcome = await attempt(() =>
          access.mintSession(access.identify(token.bearer), {
            document: connection,
            permissions,
            ttl_seconds: seconds,
            ...(tables === null ? {} : { resources: tables }),
            ...(uses === null ? {} : { max_requests: uses }),
          }),
        )
        const asked = permissions.flatMap((permission) =>
          (tables ?? TABLES).map((table) => right(connection, permission, table)),
        )
        const held = asked.filter((one) => token.rights.has(one))
        const covered =
          tables === null
            ? permissions.every((permission) =>
                TABLES.some((table) => token.rights.has(right(connection, permission, table))),
              )
            : held.length === asked.length
        expect(outcome instanceof HallpassError).toBe(!covered)
        if (outcome instanceof HallpassError) break
        // Held to its parent's end as that was when it was minted; one that is moved later moves nothing here.
        const endsAt = Math.min(clocks(seconds).endsAt, token.endsAt)
        const monotonicEnd = clock.monotonic() + endsAt - model.highest
        model.sessions.push({
          id: outcome.record.id,
          bearer: outcome.token,
          parent: token,
          rights: new Set(held),
          connection,
          uses,
          ended: false,
          endsAt,
          monotonicEnd,
        })
        break
      }
      case 'delegate': {
        if (session === undefined) break
        const principal = access.recognize(session.bearer)
        if (principal !== null) {
          expect(
            await attempt(() => access.mintSession(principal, { permissions: ['read'], document: session.connection })),
          ).toBeInstanceOf(HallpassError)
        }
        break
      }
      case 'use': {
        if (session === undefined) break
        const lives = alive(session)
        expect((await attempt(() => access.identify(session.bearer))) instanceof HallpassError).toBe(!lives)
        if (lives && session.uses !== null) session.uses -= 1
        break
      }
      case 'revoke':
        if (token !== undefined) {
          await attempt(() => access.revokeToken('shop', token.name))
          for (const other of model.tokens) if (other.name === token.name) other.ended = true
        }
        break
      case 'delete':
        if (token !== undefined) {
          await attempt(() => access.deleteToken('shop', token.name))
          for (const other of model.tokens) if (other.name === token.name) other.ended = true
        }
        break
      case 'end':
        if (session !== undefined) {
          await attempt(() => access.endSession(session.id))
          session.ended = true
        }
        break
      case 'exclude':
        await access.endConnection(each.connection, 'shop')
        included.delete(each.connection)
        for (const other of model.tokens)
          other.rights = new Set([...other.rights].filter((one) => !one.startsWith(`${each.connection}/`)))
        for (const other of model.sessions) if (other.connection === each.connection) other.ended = true
        break
      case 'include': {
        const row = store.read.connection(each.connection)
        if (row !== null) store.write.include(shop.id, row.id)
        included.add(each.connection)
        break
      }
      case 'pass':
        clock.advance(each.seconds * 500)
        break
      case 'back':
        // Nobody looks at the clock for a text that is no token.
        if (token !== undefined) {
          alive(token)
          access.recognize(token.bearer)
        }
        clock.moveWall(-each.seconds * 1000)
        break
      case 'sleep':
        clock.sleep(each.seconds * 200)
        break
    }
    for (const subject of [...model.tokens, ...model.sessions]) {
      const principal = access.recognize(subject.bearer)
      expect(principal !== null).toBe(alive(subject))
      const rights = effective(subject)
      for (const demand of DEMANDS) {
        const allowed = principal !== null && decide(principal.grants, demand).allowed
        expect(allowed).toBe(
          principal !== null && rights.has(right(demand.connection, demand.permission, demand.table)),
        )
      }
    }
  }
}

describe('a model of tokens and session tokens', () => {
  it('agrees with the model for every operation and clock change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await play(openRoom(), new Model(), steps)
      }),
      { numRuns: repeats(100, 300) },
    )
  }, 60_000)
})
