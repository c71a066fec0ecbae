import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTimestamps } from '../../src/engine/log/timestamps.ts'

it('writes every time as Date does, whatever was written before', () => {
  const timestampOf = createTimestamps()
  const time = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2200, 0, 1) })
  fc.assert(
    fc.property(fc.array(fc.tuple(time, fc.integer({ min: 0, max: 3000 }))), (pairs) => {
      for (const [start, later] of pairs)
        for (const at of [start, start + later, start]) expect(timestampOf(at)).toBe(new Date(at).toISOString())
    }),
  )
})
