import type { Page } from 'playwright-core'
import { CONSOLE_RPC_PATH } from '../../../src/contract/owner-api/console-api.ts'

/** What the frame around every screen asks for. */
const OF_THE_FRAME = ['status', 'projects/list', 'settings/get', 'preferences/get', 'changes/follow']

/** Returns the names of the owner calls that the page makes from now on, without those of the frame. */
export function countCalls(page: Page): string[] {
  const calls: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (!pathname.startsWith(CONSOLE_RPC_PATH)) return
    const name = pathname.slice(CONSOLE_RPC_PATH.length + 1)
    if (!OF_THE_FRAME.includes(name)) calls.push(name)
  })
  return calls
}
