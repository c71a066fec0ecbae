import type { JsonObject } from '../../text/json.ts'
import { listOf } from './list-upstream.ts'
import type { McpRequestOptions } from '../mcp-upstreams.ts'
import type { UpstreamLink } from '../session/upstream-link.ts'

/**
 * Lists the tools of a new link before its first call, because an upgraded upstream must not run tools that the owner
 * hasn't seen.
 */
interface LinkReview {
  /** Returns null once the link's tools have been listed, or if calls need no review. */
  pending(link: UpstreamLink): Promise<void> | null
  relist(link: UpstreamLink, signal: AbortSignal): Promise<void>
}

export function createLinkReview(parts: {
  send(
    link: UpstreamLink,
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
  ): Promise<JsonObject>
  /** Receives the tools. Null if calls need no review. */
  relisted: ((tools: readonly JsonObject[]) => void) | null
  closing: AbortSignal
}): LinkReview {
  const { send, relisted, closing } = parts
  /** Null for a link whose tools have been listed, so that its calls wait for no promise. */
  const reviews = new WeakMap<UpstreamLink, Promise<void> | null>()

  async function relist(link: UpstreamLink, signal: AbortSignal): Promise<void> {
    const { items } = await listOf(
      'tools',
      (method, params, options) => send(link, method, params, options),
      AbortSignal.any([signal, closing]),
    )
    relisted?.(items)
  }

  return {
    relist,
    pending(link) {
      if (relisted === null) return null
      const known = reviews.get(link)
      if (known !== undefined) return known
      const review = relist(link, closing)
      reviews.set(link, review)
      review.then(
        () => reviews.set(link, null),
        () => reviews.delete(link),
      )
      return review
    },
  }
}
