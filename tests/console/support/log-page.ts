import { PassThrough } from 'node:stream'
import type { Locator, Page } from 'playwright-core'
import { Client } from 'undici'
import { expect } from 'vitest'
import { pressOn } from '../../support/keyboard.ts'
import { post, type TestEngine } from '../../support/start-test-engine.ts'

/** A token without a rate limit and a session token of it, for making rows. */
export async function mintSession(engine: TestEngine, name = 'loader', permissions = ['read']): Promise<string> {
  const { secret } = await engine.owner.tokens.create({
    project: 'demo',
    name,
    kind: 'access',
    clone: true,
    rate: 'none',
  })
  const { body } = await post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions })
  return String(body['token'])
}

export function call(engine: TestEngine, token: string, body: object): Promise<{ status: number }> {
  return post(`${engine.url}/api/v1/proxy`, token, body)
}

/** Makes so many real calls with a session token, cheap ones, several at a time. */
export async function callMany(engine: TestEngine, token: string, count: number): Promise<void> {
  const client = new Client(engine.url, { pipelining: 16 })
  await Promise.all(
    Array.from({ length: count }, async () => {
      const { body } = await client.request({
        method: 'GET',
        path: '/api/v1/tokens/introspect',
        headers: { authorization: `Bearer ${token}` },
      })
      await body.dump()
    }),
  )
  await client.close()
}

/** A request that runs until its token ends: it uploads records and never finishes. */
export async function openBulkLoad(
  url: string,
  token: string,
): Promise<{ ended: Promise<boolean>; [Symbol.asyncDispose](): Promise<void> }> {
  const body = new PassThrough()
  const client = new Client(url)
  const ended = client
    .request({
      method: 'POST',
      path: '/api/v1/proxy?method=add_records&table=Customers',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body,
    })
    .then(
      ({ statusCode }) => statusCode >= 400,
      () => true,
    )
  body.write('{"Name":"Running"}\n')
  return {
    ended,
    async [Symbol.asyncDispose]() {
      body.destroy()
      await client.destroy()
    },
  }
}

export function grid(page: Page): Locator {
  return page.getByRole('grid')
}

/** Drawn rows of the list, without its head. */
export function rows(page: Page): Locator {
  return page.locator('[role="grid"] [data-row]')
}

/** Waits until the project's list shows as many rows as its log has, and returns how many. */
export async function waitForAllRows(page: Page, engine: TestEngine): Promise<number> {
  const logged = async () => (await engine.owner.requests.list({ project: 'demo', limit: 1000 })).length
  await expect.poll(async () => (await rows(page).count()) - (await logged())).toBe(0)
  return logged()
}

/** Row numbers in sight, from the top. */
export function rowIds(page: Page): Promise<number[]> {
  return rows(page).evaluateAll((drawn) => drawn.map((row) => Number((row as HTMLElement).dataset['row'])))
}

/** Goes to the end of the list, which shows the oldest row last, whole, and each row below the one before. */
export async function expectOldestRowAtEnd({ page, engine }: { page: Page; engine: TestEngine }): Promise<void> {
  const { first_id: oldest } = (await engine.owner.requests.bounds()) ?? { first_id: -1 }
  await pressOn(page, grid(page), 'End')
  await expect.poll(async () => (await rowIds(page)).at(-1)).toBe(oldest)
  const places = await rowPlaces(page)
  expect(places.length).toBeGreaterThan(10)
  for (const [index, { id, top, bottom }] of places.entries()) {
    const next = places[index + 1]
    if (next === undefined) continue
    expect(next.id).toBe(id - 1)
    expect(next.top).toBeGreaterThanOrEqual(bottom - 0.5)
    expect(next.top - top).toBeLessThan(40)
  }
  const around = await grid(page).boundingBox()
  await expect
    .poll(async () => (await rowPlaces(page)).at(-1)?.bottom)
    .toBeLessThanOrEqual((around?.y ?? 0) + (around?.height ?? 0) + 1)
}

function rowPlaces(page: Page): Promise<{ id: number; top: number; bottom: number }[]> {
  return rows(page).evaluateAll((drawn) =>
    drawn.map((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return { id: Number((row as HTMLElement).dataset['row']), top, bottom }
    }),
  )
}

/** Loads the page again such that its way to the engine can be cut, streams that run included, and opened again. */
export async function makeLosable(page: Page): Promise<(lost: boolean) => Promise<void>> {
  await page.addInitScript(() => {
    const real = window.fetch
    let cut = new AbortController()
    window.fetch = (input, init) => {
      if (cut.signal.aborted) return Promise.reject(new TypeError('Failed to fetch'))
      const own = init?.signal ?? (input instanceof Request ? input.signal : null)
      return real(input, { ...init, signal: own === null ? cut.signal : AbortSignal.any([own, cut.signal]) })
    }
    Object.assign(window, {
      setLost(lost: boolean) {
        if (lost) cut.abort()
        else cut = new AbortController()
      },
    })
  })
  await page.reload()
  return (lost) =>
    page.evaluate((value) => (window as unknown as { setLost(lost: boolean): void }).setLost(value), lost)
}
