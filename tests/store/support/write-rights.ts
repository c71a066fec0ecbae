// Creates and revokes tokens until it is killed, printing each only after the store said that it is done.
import { writeSync } from 'node:fs'
import { systemClock } from '../../../src/engine/clock.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'

const store = openStore({ home: process.argv[2] as string, clock: systemClock })
const project = store.read.project('sales')
if (project === null) throw new Error('no project')
const round = process.argv[3] as string

for (let index = 0; index < 100_000; index += 1) {
  const name = `t-${round}-${index}`
  const token = store.write.createToken({
    project_id: project.id,
    name,
    kind: 'access',
    prefix: null,
    hash: `hash-${name}`,
    rate: null,
    created_at: 1,
    expires_at: null,
    grants: [{ connection: 'crm', permissions: ['read'] }],
  })
  writeSync(1, `created ${name}\n`)
  if (index % 3 === 0) {
    store.write.revokeToken(token.id, 2)
    writeSync(1, `revoked ${name}\n`)
  }
  if (index % 5 === 0) {
    store.write.deleteToken(token.id)
    writeSync(1, `deleted ${name}\n`)
  }
}
