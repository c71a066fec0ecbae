import { describe, expect, it } from 'vitest'
import { startChild } from './support/child-processes.ts'
import { addToken, dataFolders, seedProject } from './support/data-folders.ts'
import { repeats } from '../support/repeats.ts'

describe('a kill in the middle of writing', () => {
  const { folder, open } = dataFolders()

  it('loses no acknowledged token, grant, revoke or delete', async () => {
    const home = folder()
    const seeded = open(home)
    const { projectId } = seedProject(seeded)
    addToken(seeded, projectId, 'before')
    seeded.close()

    for (let round = 0; round < repeats(3, 6); round += 1) {
      const child = startChild('store/support/write-rights.ts', [home, String(round)])
      await child.printed(5 + round * 9)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
      await child.kill()

      const store = open(home)
      expect(store.notices).toEqual([])
      const last = new Map<string, string>()
      for (const line of child.lines) {
        const [deed, name] = line.split(' ') as [string, string]
        last.set(name, deed)
      }
      expect(last.size).toBeGreaterThan(0)
      const newest = [...last.keys()].at(-1)
      for (const [name, deed] of last) {
        const token = store.read.token(projectId, name)
        // What was under way for the newest one when the kill came may or may not have been done.
        if (name === newest && token === null) continue
        if (deed === 'deleted') expect(token).toBeNull()
        else expect(token?.grants).toEqual([{ connection: 'crm', permissions: ['read'] }])
        if (deed === 'revoked') expect(token?.revoked_at).toBe(2)
      }
      expect(store.read.token(projectId, 'before')?.revoked_at).toBeNull()
      store.close()
    }
  })
})
