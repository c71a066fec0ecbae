import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { CANARY, choice, clientDesk } from './support/client-desk.ts'
import { randomJsonc } from './support/random-jsonc.ts'

const CURSOR = '.cursor/mcp.json'

it('random documents come back byte for byte from connecting and disconnecting, however they begin', async () => {
  using desk = clientDesk()
  await fc.assert(fc.asyncProperty(randomJsonc(), fc.constantFrom('', '\ufeff'), async (text, mark) => {
    const bytes = Buffer.from(mark + text)
    desk.put(CURSOR, bytes)
    expect((await desk.clients.connect(choice('cursor'))).state).toBe('connected')
    expect(readFileSync(desk.file(CURSOR)).equals(bytes)).toBe(false)
    await desk.clients.disconnect(choice('cursor'))
    expect(readFileSync(desk.file(CURSOR)).equals(bytes)).toBe(true)
  }), { numRuns: 120 })
})

it('no value of a random document is in what is shown of a change', async () => {
  using desk = clientDesk()
  const secret = fc.constantFrom(`"${CANARY}"`, `["x", "${CANARY}"]`, `{"env":{"K":"${CANARY}"}}`, '90210', '-9.0210e5')
  await fc.assert(fc.asyncProperty(randomJsonc(secret), async (text) => {
    desk.put(CURSOR, text)
    const { diff } = await desk.clients.preview(choice('cursor'), 'connect')
    expect(diff).toContain('hallpass-sales')
    expect(diff).not.toMatch(/canary|0210|note|\/\/ line/)
  }), { numRuns: 120 })
})
