import { expect, it } from 'vitest'
import { OWNER_ACTIONS } from '../../src/engine/owner/owner-actions.ts'
import { ownerActionText } from '../../src/renderer/lib/owner-action-text.ts'

it('every owner action has a text', () => {
  expect(OWNER_ACTIONS.length).toBeGreaterThan(20)
  expect(OWNER_ACTIONS.filter((method) => ownerActionText(method) === method)).toEqual([])
})
