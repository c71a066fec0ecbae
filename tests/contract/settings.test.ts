import { expect, test } from 'vitest'
import { DEFAULT_SETTINGS, settingsSchema } from '../../src/contract/settings.ts'

test.each([
  ['port', 99_999, 'must be a whole number from 1 to 65,535'],
  ['port', 'abc', 'must be a whole number from 1 to 65,535'],
  ['port', 1.5, 'must be a whole number from 1 to 65,535'],
  ['log_days', 0, 'must be a whole number from 1 to 3,650'],
  ['log_rows', '1e99', 'must be a whole number from 1,000 to 100,000,000'],
] as const)('%s rejects %s with a message', (name, value, words) => {
  const { success, error } = settingsSchema.shape[name].safeParse(value)
  expect(success).toBe(false)
  expect(error?.issues.map(({ message }) => message)).toEqual([words])
})

test('the defaults are valid settings', () => {
  expect(settingsSchema.parse(DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS)
})
