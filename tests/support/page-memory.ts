import type { Page } from 'playwright-core'
import { settle } from './keyboard.ts'

export interface FoundInPage {
  /** In the heap of the page's scripts: every string that something still holds, closures and React's fibers included. */
  heap: number
  /** In the document as text: elements, attributes, and what stands in fields. */
  document: number
  /** Bytes of heap that were searched: proof that something was. */
  searched: number
}

/** How often any of the texts is found in a page's memory, after what nobody holds was thrown away. */
export async function findInPage(page: Page, ...texts: string[]): Promise<FoundInPage> {
  await settle(page)
  const session = await page.context().newCDPSession(page)
  const parts: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => parts.push(chunk))
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  const heap = parts.join('')
  return {
    heap: countOf(heap, texts),
    document: await findInDocument(page, ...texts),
    searched: heap.length,
  }
}

/** How often any of the texts stands in a page's elements, attributes and fields. */
export async function findInDocument(page: Page, ...texts: string[]): Promise<number> {
  const fields = await page
    .locator('input, textarea')
    .evaluateAll((all) => all.map((one) => (one as unknown as { value: string }).value))
  return countOf([await page.content(), ...fields].join('\n'), texts)
}

function countOf(hay: string, needles: readonly string[]): number {
  return needles.reduce((count, needle) => count + hay.split(needle).length - 1, 0)
}
