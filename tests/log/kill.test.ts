import { describe, expect, it } from 'vitest'
import { dataFolders } from '../store/support/data-folders.ts'
import { startChild } from '../store/support/child-processes.ts'
import { repeats } from '../support/repeats.ts'

describe('a kill in the middle of logging', () => {
  const { folder, open } = dataFolders()

  it.each(['strict', 'batched', 'threaded'])('loses no row that it must keep: %s', async (mode) => {
    for (let round = 0; round < repeats(2, 3); round += 1) {
      const home = folder()
      const child = startChild('log/support/log-requests.ts', [home, mode])
      await child.printed(400 + round * 150)
      await child.kill()
      const rows = child.lines.map((line) => line.split(' ').map(Number) as [number, number])
      // The last line may have been cut by the kill; the one before it was printed whole.
      const lastTime = rows.at(-2)?.[1] ?? 0
      const kept = new Set(
        (await open(home).requests.requestsBetween({}, { from: 0, to: 1e9, order: 'oldest', limit: 10_000 })).map(
          (row) => row.id,
        ),
      )
      const due = rows.slice(0, -1).filter(([, time]) => mode === 'strict' || time < lastTime - 100)
      expect(due.length).toBeGreaterThan(20)
      expect(due.filter(([id]) => !kept.has(id))).toEqual([])
    }
  })
})
