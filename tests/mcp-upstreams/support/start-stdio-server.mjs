/** Starts the fixture with Node's compiled code of it at hand: an upstream's process does not inherit the folder's name. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/node-compile'))
await import('./stdio-server.ts')
