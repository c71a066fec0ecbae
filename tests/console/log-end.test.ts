import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { BLOCK_ROWS } from '../../src/engine/store/requests/request-blocks.ts'
import { missingBrowser } from '../support/chromium.ts'
import { openConsole } from '../support/console-browser.ts'
import { fillLog } from '../support/fill-log.ts'
import { pressOn } from '../support/keyboard.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { grid, rowIds, rows } from './support/log-page.ts'

const lack = missingBrowser()

describe.skipIf(lack !== null)(`the end of a long log${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  it.each([
    ['1,000,002 rows', (home: string) => fillLog(home, 1_000_002)],
    ['100,000,000 rows, of which most are no longer in the log', leaveGap],
  ])('LG4 shows the oldest row last and no two rows over each other, after %s', async (_name, fill) => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-test-'))
    try {
      await using first = await startTestEngine({ home })
      await first.owner.settings.update({ log_rows: 100_000_000 })
      await first.stop()
      fill(home)
      await using opened = await openConsole({ engine: { home } })
      const { page, engine } = opened
      await opened.goto('/log')
      await rows(page).first().waitFor()
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
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })
})

function rowPlaces(page: Page): Promise<{ id: number; top: number; bottom: number }[]> {
  return rows(page).evaluateAll((drawn) =>
    drawn.map((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return { id: Number((row as HTMLElement).dataset['row']), top, bottom }
    }),
  )
}

/** A log of some rows whose numbers go up to a hundred million. */
function leaveGap(home: string): void {
  const { first_id: first, last_id: last } = fillLog(home, 600)
  const highest = 100_000_000
  const database = new SqliteDatabase(join(home, 'hallpass.db'))
  database.prepare('UPDATE requests SET id = id + ? WHERE id > ?').run(highest - last, first + 300)
  database.prepare('UPDATE log_chains SET unsealed_to = ?').run(highest)
  database.exec(`DELETE FROM request_blocks;
    INSERT OR IGNORE INTO request_blocks SELECT 'transport', transport, id / ${BLOCK_ROWS} FROM requests`)
  database.close()
}
