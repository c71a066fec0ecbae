import type { EngineLink } from '../../contract/desktop/desktop-api.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'

/** Yields the current state of the link and then each later one. A slow reader skips to the newest. */
export async function* followLink(
  engine: Pick<LinkedEngine, 'follow'>,
  signal?: AbortSignal,
): AsyncGenerator<EngineLink, void> {
  let newest: EngineLink | null = null
  let wake = (): void => {}
  const leave = engine.follow((link) => {
    newest = link
    wake()
  })
  const stop = (): void => wake()
  signal?.addEventListener('abort', stop)
  try {
    while (signal?.aborted !== true) {
      const link: EngineLink | null = newest
      newest = null
      if (link !== null) yield link
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    leave()
  }
}
