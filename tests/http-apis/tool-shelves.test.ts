import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { HttpCalls } from '../../src/engine/calls/http-calls.ts'
import { createHttpTools } from '../../src/engine/calls/http-tools.ts'
import type { HttpConnections, OpenHttpConnection } from '../../src/engine/http-apis/http-connections.ts'
import { createCatalog, readOperations, type Catalog } from '../../src/engine/http-apis/openapi/document/catalog.ts'
import { smallApi } from './support/openapi-documents.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('tools of a replaced catalog are freed with it', async () => {
  const read = async (): Promise<Catalog> => createCatalog(await readOperations(JSON.stringify(smallApi())))
  let current: Catalog | null = await read()
  const found = {
    row: { id: 1, name: 'api', config: {} },
    upstream: { permissionOf: () => 'read' },
  } as unknown as OpenHttpConnection
  const connections = { find: () => found, catalog: () => current } as unknown as HttpConnections
  const tools = createHttpTools({ connections, calls: {} as HttpCalls })
  // Nothing is handed to the matchers, which keep what they saw.
  const freed = new WeakRef(tools.tools('api'))
  expect(freed.deref()?.[0]?.definition.name.startsWith('api__')).toBe(true)
  expect(tools.tools('api') === freed.deref()).toBe(true)
  current = await read()
  expect(tools.tools('api') === freed.deref()).toBe(false)
  await expect
    .poll(() => {
      collectGarbage()
      return freed.deref() === undefined
    })
    .toBe(true)
})
