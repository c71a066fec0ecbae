import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RunningMap } from '../../src/engine/running/running-map.ts'

test('behaves like a Map, whatever is set and deleted', () => {
  const step = fc.record({
    key: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('0', 'a')),
    isSet: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ours = new RunningMap<number | string, object>()
      const plain = new Map<number | string, object>()
      for (const { key, isSet } of steps) {
        const item = {}
        if (isSet) {
          ours.set(key, item)
          // Set again, a key moves to the end.
          plain.delete(key)
          plain.set(key, item)
        } else {
          ours.delete(key)
          plain.delete(key)
        }
        expect(ours.size).toBe(plain.size)
        expect(ours.get(key)).toBe(plain.get(key))
        expect(ours.has(key)).toBe(plain.has(key))
      }
      const all = [...plain]
      expect(ours.entries()).toEqual(all)
      expect(ours.take()).toEqual(all)
      expect(ours.size).toBe(0)
      expect(ours.entries()).toEqual([])
    }),
  )
})
