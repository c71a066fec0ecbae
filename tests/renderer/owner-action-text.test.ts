import { expect, it } from 'vitest'
import { OWNER_ACTIONS } from '../../src/engine/owner/owner-actions.ts'
import { changedFieldLabel, changedFieldsText, ownerActionText } from '../../src/renderer/lib/owner-action-text.ts'

it('every owner action has a text', () => {
  expect(OWNER_ACTIONS.length).toBeGreaterThan(20)
  expect(OWNER_ACTIONS.filter((method) => ownerActionText(method) === method)).toEqual([])
})

it.each([
  ['budget.requests', 'Requests per day'],
  ['grants', 'Permissions'],
  ['config.timeout_ms', 'Timeout (seconds)'],
  ['settings.log_days', 'Keep for (days)'],
  ['token demo/a.b: rate', 'demo/a.b: Rate limit'],
  ['connection crm.config.proxy', "crm: Use the system's proxy settings"],
  ['tool search.all: state', 'search.all: Review'],
  ['filter.status', 'Status'],
  ['config.unknown_part', 'Config, unknown part'],
])('the changed field %s is called %s', (field, label) => {
  expect(changedFieldLabel(field)).toBe(label)
})

it('changed fields are named for actions whose name leaves them open', () => {
  const change = { before: { revoked_at: null }, after: { revoked_at: '2026-11-29T01:00:00.000Z' } }
  expect(changedFieldsText('tokens.revoke', change)).toBeNull()
  expect(changedFieldsText('tokens.update', { before: { paused: false }, after: { paused: true } })).toBe('Paused')
  expect(changedFieldsText('tokens.update', { before: null, after: { name: 'new' } })).toBeNull()
})
