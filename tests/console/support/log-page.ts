import type { Locator, Page } from 'playwright-core'
import { Client } from 'undici'
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

/**
 * Real calls with a session token, cheap ones, at a steady pace: `perSecond * seconds` of them. What falls behind is caught up
 * with. Answers the rate that was reached.
 */
export async function callSteadily(
  engine: TestEngine,
  token: string,
  perSecond: number,
  seconds: number,
): Promise<number> {
  const client = new Client(engine.url, { pipelining: 16 })
  const started = performance.now()
  const all = perSecond * seconds
  let sent = 0
  let running = 0
  while (sent < all || running > 0) {
    const due = Math.min(all, ((performance.now() - started) / 1000) * perSecond)
    while (sent < due && running < 64) {
      sent += 1
      running += 1
      void client
        .request({ method: 'GET', path: '/api/v1/tokens/introspect', headers: { authorization: `Bearer ${token}` } })
        .then(({ body }) => body.dump())
        .finally(() => {
          running -= 1
        })
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await client.close()
  return Math.round(all / ((performance.now() - started) / 1000))
}

export function grid(page: Page): Locator {
  return page.getByRole('grid')
}

/** Drawn rows of the list, without its head. */
export function rows(page: Page): Locator {
  return page.locator('[role="grid"] [data-row]')
}

/** Row numbers in sight, from the top. */
export function rowIds(page: Page): Promise<number[]> {
  return rows(page).evaluateAll((drawn) => drawn.map((row) => Number((row as HTMLElement).dataset['row'])))
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

export interface Smoothness {
  frames: number
  seconds: number
  longestFrameMs: number
  longTasks: number
  longestTaskMs: number
  blockedMs: number
}

/** Begins to watch how the page keeps up. */
export async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { frames: 0, started: performance.now(), last: performance.now(), longest: 0, tasks: [] as number[] }
    Object.assign(window, { seenFrames: seen })
    new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({
      type: 'longtask',
    })
    const frame = (now: number): void => {
      seen.frames += 1
      seen.longest = Math.max(seen.longest, now - seen.last)
      seen.last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
}

export function smoothness(page: Page): Promise<Smoothness> {
  return page.evaluate(() => {
    const seen = (
      window as unknown as { seenFrames: { frames: number; started: number; longest: number; tasks: number[] } }
    ).seenFrames
    return {
      frames: seen.frames,
      seconds: Math.round(performance.now() - seen.started) / 1000,
      longestFrameMs: Math.round(seen.longest),
      longTasks: seen.tasks.length,
      longestTaskMs: Math.round(Math.max(0, ...seen.tasks)),
      blockedMs: Math.round(seen.tasks.reduce((sum, each) => sum + each, 0)),
    }
  })
}
