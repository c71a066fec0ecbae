import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryName } from '../../src/engine/clients/own-entry.ts'
import { namespacedName } from '../../src/engine/text/tool-names.ts'
import { choice, clientDesk, localToken } from './support/client-desk.ts'

const CURSOR = '.cursor/mcp.json'
const PROJECT = 'property-management'

describe('the name of an entry', () => {
  it('leaves room for the longest tool name in every client', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/)
    fc.assert(
      fc.property(name, name, fc.string({ maxLength: 200 }), (project, connection, tool) => {
        const [entry, shown] = [entryName(project), namespacedName(connection, tool)]
        // Cursor drops what is longer, and Gemini CLI cuts it.
        expect(`${entry}${shown}`.length).toBeLessThanOrEqual(60)
        expect(`mcp_${entry}_${shown}`.length).toBeLessThanOrEqual(63)
      }),
    )
  })

  it('distinguishes projects whose names begin alike', () => {
    expect(entryName('sales')).toBe('hp-sales')
    expect(entryName('shipping')).toBe('hp-shipping')
    expect(entryName(PROJECT)).toMatch(/^hp-pro-[0-9a-f]{4}$/)
    expect(entryName(PROJECT)).not.toBe(entryName('property-managers'))
  })

  it('stays unchanged for an older entry', async () => {
    using desk = clientDesk()
    desk.projects[PROJECT] = [localToken('agent')]
    desk.put(CURSOR, '{}')
    await desk.clients.connect(choice('cursor', { project: PROJECT }))
    const written = desk.read(CURSOR)
    expect(Object.keys(JSON.parse(written).mcpServers)).toEqual([entryName(PROJECT)])
    desk.put(CURSOR, written.replace(entryName(PROJECT), `hallpass-${PROJECT}`))
    const state = (await desk.clients.list(PROJECT, null)).find(({ id }) => id === 'cursor')
    expect(state).toMatchObject({ state: 'connected', projects: [PROJECT] })
    await desk.clients.connect(choice('cursor', { project: PROJECT }))
    expect(Object.keys(JSON.parse(desk.read(CURSOR)).mcpServers)).toEqual([`hallpass-${PROJECT}`])
    await desk.clients.disconnect(choice('cursor', { project: PROJECT }))
    expect(JSON.parse(desk.read(CURSOR)).mcpServers ?? {}).toEqual({})
  })
})
