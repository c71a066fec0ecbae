import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { storeContainerOf } from '../../src/platform/store-container.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-container-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

test('a folder whose files Windows redirects for a Store package belongs to that package', () => {
  const realPath = () =>
    String.raw`C:\Users\a\AppData\Local\Packages\Claude_pzs8sxrjxfjjc\LocalCache\Local\hallpass\Data\place-1.tmp`
  expect(storeContainerOf(folder, { realPath })).toBe('Claude_pzs8sxrjxfjjc')
  expect(readdirSync(folder)).toEqual([])
})

test.each([
  String.raw`C:\Users\a\AppData\Local\hallpass\Data\place-1.tmp`,
  String.raw`D:\Packages\hallpass\place-1.tmp`,
  String.raw`C:\Users\a\AppData\Local\Packages\hallpass\place-1.tmp`,
])('a folder visible to every program belongs to no app: %s', (path) => {
  expect(storeContainerOf(folder, { realPath: () => path })).toBeNull()
})

test('a folder on this computer is checked, and nothing is left in it', () => {
  expect(storeContainerOf(folder)).toBeNull()
  expect(readdirSync(folder)).toEqual([])
})
