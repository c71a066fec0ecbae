import { expect, test } from 'vitest'
import { post, startTestEngine } from '../support/start-test-engine.ts'

/** Values of the samples whose name and labels contain all given texts. */
function valuesOf(text: string, ...parts: string[]): number[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#') && parts.every((part) => line.includes(part)))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
}
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)

test('metrics are served only if the owner turned them on', async () => {
  await using engine = await startTestEngine()
  const response = await fetch(`${engine.url}/metrics`)
  expect(response.status).toBe(404)
})

test('metrics count each logged request once, and name no project, token, connection or table', async () => {
  await using engine = await startTestEngine({ metrics: true })
  const { secret } = await engine.owner.tokens.create({
    project: 'demo',
    name: 'counted-token',
    kind: 'access',
    grants: [{ connection: 'sales', permissions: ['read'] }],
  })
  const minted = await post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
  const proxy = `${engine.url}/api/v1/proxy`
  for (let n = 0; n < 5; n += 1)
    expect((await post(proxy, minted.body['token'], { method: 'get_records', table: 'Orders' })).status).toBe(200)
  const denied = { method: 'delete_records', table: 'Orders', record_ids: [1] }
  expect((await post(proxy, minted.body['token'], denied)).status).toBe(403)
  expect((await post(proxy, minted.body['token'], { method: 'get_records' })).status).toBe(400)

  const response = await fetch(`${engine.url}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect((await fetch(`${engine.url}/metrics`, { method: 'HEAD' })).status).toBe(200)
  const text = await response.text()
  const rows = await engine.owner.requests.list({ limit: 1000 })
  for (const transport of new Set(rows.map((row) => row.transport))) {
    const expected = rows.filter((row) => row.transport === transport)
    const label = `transport="${transport}"`
    expect(sum(valuesOf(text, 'hallpass_requests_total{', label)), transport).toBe(expected.length)
    expect(valuesOf(text, 'duration_seconds_count', label), transport).toEqual([expected.length])
    expect(valuesOf(text, 'duration_seconds_bucket', label, 'le="+Inf"'), transport).toEqual([expected.length])
  }
  expect(valuesOf(text, 'hallpass_requests_total', 'code="UNAUTHORIZED"')).toEqual([1])
  expect(valuesOf(text, 'hallpass_requests_running')).toEqual([0])
  expect(valuesOf(text, 'hallpass_sessions')).toEqual([1])
  expect(valuesOf(text, 'hallpass_ready')).toEqual([1])
  expect(valuesOf(text, 'hallpass_connections{', 'kind="sqlite"')).toEqual([1])
  expect(valuesOf(text, 'process_resident_memory_bytes')[0]).toBeGreaterThan(1e7)
  expect(text).not.toMatch(/demo|counted-token|sales|Orders/)
  // Every line is a comment or a sample, as the format requires.
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^# (?:HELP|TYPE) \w+ .+|^\w+(?:\{(?:\w+="[^"]*",?)+\})? [-+.\deE]+$/)
})
