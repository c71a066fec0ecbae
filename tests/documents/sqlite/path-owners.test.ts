import { lchownSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { locateFile } from '../../../src/engine/documents/sqlite/locate-file.ts'
import { leadsThroughForeignLink } from '../../../src/engine/documents/sqlite/path-owners.ts'
import { folder, foreignFile } from './documents.ts'

describe('the path of a SQLite document', () => {
  it
    .skipIf(process.platform === 'win32')
    .each([
      '/proc/self/fd/0',
      '/proc/self/environ',
      '/proc/1/root/tmp/a.db',
      '/dev/null',
      '/dev/fd/0',
      '/dev/shm/a.db',
      '/sys/kernel/a.db',
    ])('is rejected below a kernel file system: %s', (path) => {
    expect(() => locateFile(path, { create: true })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', field: 'config.path' }),
    )
  })

  it.skipIf(process.getuid?.() !== 0)("is rejected through another user's link, and accepted through one's own", () => {
    const root = folder()
    mkdirSync(join(root, 'real'))
    foreignFile('CREATE TABLE t (a)', join(root, 'real', 'a.db'))
    symlinkSync(join(root, 'real'), join(root, 'own'))
    symlinkSync(join(root, 'real'), join(root, 'theirs'))
    lchownSync(join(root, 'theirs'), 12_345, 12_345)
    expect(locateFile(join(root, 'own', 'a.db'), {}).file.path).toBe(join(root, 'real', 'a.db'))
    expect(() => locateFile(join(root, 'theirs', 'a.db'), {})).toThrow(
      expect.objectContaining({ field: 'config.path', reason: 'foreign_link' }),
    )
  })

  it.skipIf(process.platform === 'win32')('is followed link by link, also through a link to another link', () => {
    const links: Record<string, { owner: number; target: string }> = {
      '/home/me/data': { owner: 1000, target: '../../srv/shared' },
      '/srv/shared/theirs': { owner: 2000, target: '/srv/x' },
      '/tmp': { owner: 0, target: 'private/tmp' },
      '/circle': { owner: 1000, target: '/circle' },
    }
    const through = (path: string): boolean =>
      leadsThroughForeignLink(
        path,
        1000,
        (one) => links[one]?.owner ?? null,
        (one) => links[one]?.target ?? '',
      )
    expect(through('/home/me/data/year')).toBe(false)
    expect(through('/home/me/data/theirs/year')).toBe(true)
    expect(through('/tmp/a/b')).toBe(false)
    expect(through('/circle/a')).toBe(false)
    expect(leadsThroughForeignLink('/home/me/data/theirs', null)).toBe(false)
  })
})
