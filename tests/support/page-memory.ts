import type { Page } from 'playwright-core'
import { settle } from './keyboard.ts'

export interface FoundInPage {
  /** In the heap of the page's scripts: every string that is still referenced, including closures and React's fibers. */
  heap: number
  /** In the document as text: elements, attributes and the content of fields. */
  document: number
  /** Bytes of heap that were searched, which proves that the search ran. */
  searched: number
}

/** Returns how often any of the texts is in a page's memory, after a garbage collection. */
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

/** Returns how often any of the texts is in a page's elements, attributes and fields. */
export async function findInDocument(page: Page, ...texts: string[]): Promise<number> {
  const fields = await page
    .locator('input, textarea')
    .evaluateAll((all) => all.map((one) => (one as unknown as { value: string }).value))
  return countOf([await page.content(), ...fields].join('\n'), texts)
}

function countOf(hay: string, needles: readonly string[]): number {
  return needles.reduce((count, needle) => count + hay.split(needle).length - 1, 0)
}
