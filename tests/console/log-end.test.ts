import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, it } from 'vitest'
import { BLOCK_ROWS } from '../../src/engine/store/requests/request-blocks.ts'
import { missingBrowser } from '../support/chromium.ts'
import { startConsole } from '../support/console-browser.ts'
import { fillLog } from '../support/fill-log.ts'
import { startTestEngine } from '../support/start-test-engine.ts'
import { expectOldestRowAtEnd, rows } from './support/log-page.ts'

const lack = missingBrowser()

describe.skipIf(lack !== null)(`the end of a long log${lack === null ? '' : ` (left out: ${lack})`}`, () => {
  it('LG4 shows the oldest row last and no overlapping rows after 100,000,000 requests, most of them deleted', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-test-'))
    try {
      await using first = await startTestEngine({ home })
      await first.owner.settings.update({ log_rows: 100_000_000 })
      await first.stop()
      leaveGap(home)
      await using opened = await startConsole({ engine: { home } })
      await opened.goto('/log')
      await rows(opened.page).first().waitFor()
      await expectOldestRowAtEnd(opened)
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })
})

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
