import { expect, test } from 'vitest'
import type { Found } from '../../src/contract/owner-api/search-api.ts'
import { actionsOn, matchesWords, readCommand } from '../../src/renderer/app/palette/palette-commands.ts'

const item = (name: string, state: string | null) => ({ name, state, project: 'demo', connection: null })
const FOUND: Found[] = [
  { kind: 'token', total: 2, items: [item('nightly', 'active'), item('nightly-old', 'revoked')] },
  { kind: 'session', total: 1, items: [item('s-1', 'active')] },
  { kind: 'connection', total: 1, items: [item('crm', 'up')] },
]
const labels = (text: string): string[] => {
  const command = readCommand(text)
  return command === null ? [] : actionsOn(command.verbs, FOUND).map(({ label }) => label)
}

test('a name alone is not a command', () => {
  for (const text of ['nightly', 'revoke', 'revoke ', '', 'r nightly']) expect(readCommand(text)).toBeNull()
})

test('PA2 a verb and a name find the possible actions, also while the verb is incomplete', () => {
  expect(labels('revoke nig')).toEqual(['Revoke nightly…', 'Revoke s-1…'])
  expect(labels('REV nig')).toEqual(['Revoke nightly…', 'Revoke s-1…'])
  expect(labels('pause nig')).toEqual(['Pause nightly'])
  expect(labels('resume nig')).toEqual([])
  expect(labels('extend nig')).toEqual(['Extend nightly…'])
  expect(labels('test crm')).toEqual(['Test crm'])
  expect(labels('end s')).toEqual(['End s-1…'])
})

test('words match in any order', () => {
  expect(matchesWords('Pause all access', 'access PAUSE')).toBe(true)
  expect(matchesWords('Pause all access', 'resume')).toBe(false)
})
