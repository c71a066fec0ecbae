import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinTarget, parseBaseAddress } from '../../src/engine/egress/base-address.ts'

const PIECES = ['a', 'Z', '0', '.', '..', '-', '_', '~', '/', '//', ';', '%2e', '%2F', '@', ':', '|', '\\', '?', '#']

it('accepts only targets that a URL parser leaves unchanged, on the same origin', () => {
  for (const base of [parseBaseAddress('http://127.0.0.1:8080'), parseBaseAddress('https://api.example.com/v2')])
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }),
        fc.constantFrom('', 'a=b'),
        (pieces, search) => {
          const target = joinTarget(base, `/${pieces.join('')}`, search)
          if (target === null) return
          const url = URL.parse(base.origin + target)
          expect(url?.origin).toBe(base.origin)
          expect(`${url?.pathname}${url?.search}`).toBe(target)
        },
      ),
      { numRuns: 2000 },
    )
})
