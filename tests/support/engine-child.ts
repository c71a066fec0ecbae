/** An engine in a separate process, for tests that kill it. Prints its address and a token as one line of JSON. */
import { startTestEngine } from './start-test-engine.ts'

const engine = await startTestEngine({ home: process.argv[2] ?? '' })
const grants = [{ connection: 'sales', permissions: ['read' as const] }]
const { secret } = await engine.owner.tokens.create({
  project: 'demo',
  name: 'kept',
  kind: 'access',
  grants,
  rate: 'none',
})
await engine.owner.tokens.create({ project: 'demo', name: 'revoked', kind: 'access', grants })
await engine.owner.tokens.revoke({ project: 'demo', name: 'revoked' })
process.stdout.write(`${JSON.stringify({ url: engine.url, secret })}\n`)
