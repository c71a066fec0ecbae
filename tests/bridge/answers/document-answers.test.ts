import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSession, startBridgeRig, type BridgeRig } from '../support/start-bridge-rig.ts'

const ALL = Array.from({ length: 50_000 }, (_, index) => ({ id: index + 1, name: `row ${index + 1}` }))

let rig: BridgeRig
beforeEach(async () => {
  rig = await startBridgeRig()
})
afterEach(() => rig[Symbol.asyncDispose]())

test('reads only as many records as a model can be shown, and says that there are more', async () => {
  const limits: unknown[] = []
  rig.answer.call = async (_method, fields) => {
    const { limit } = fields as { limit?: number }
    limits.push(limit)
    return { records: ALL.slice(0, limit) }
  }
  const session = await openSession(rig.url, await rig.token('one', [{ connection: 'sales', permissions: ['read'] }]))
  const whole = (await session.tool('get_records', { table: 'Orders' }))?.['result']
  expect(whole.structuredContent.records.length).toBeLessThan(1500)
  expect(whole.content[0].text).toContain('of more than')
  expect(whole.content[0].text).toContain('There is more than: {records: 4,000 × {id: number, name: text}}')
  const few = (await session.tool('get_records', { table: 'Orders', limit: 5 }))?.['result']
  expect(few.structuredContent.records).toEqual(ALL.slice(0, 5))
  expect(limits).toEqual([4000, 5])
})

test('shows rows of a query once, with their count', async () => {
  rig.answer.call = async () => ALL
  const session = await openSession(rig.url, await rig.token('one', [{ connection: 'sales', permissions: ['read'] }]))
  const { result } = (await session.tool('sql_query', { query: 'SELECT * FROM Orders' })) ?? {}
  expect(JSON.stringify(result).length).toBeLessThan(40_000)
  expect(result.content[0].text).toContain('Complete answer: {rows: 50,000 × {id: number, name: text}}')
  expect(result.content[0].text).toContain('LIMIT and OFFSET')
})
