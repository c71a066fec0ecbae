import { describe, expect, it } from 'vitest'
import { acquireLock } from '../../src/engine/store/lock.ts'
import { startChild } from '../store/support/child-processes.ts'
import { dataFolders } from '../store/support/data-folders.ts'

const { folder } = dataFolders()

describe('two engines on one data folder', () => {
  it('never run together, and a killed one lets the next one start', async () => {
    const home = folder()
    for (let round = 0; round < 5; round += 1) {
      const child = startChild('store/support/hold-lock.ts', [home])
      await child.printed(1)
      expect(() => acquireLock(home)).toThrow(expect.objectContaining({ reason: 'already_running' }))
      await child.kill()
      acquireLock(home).release()
    }
  })
})
