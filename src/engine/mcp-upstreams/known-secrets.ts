import type { StreamScrubber } from '../egress/masking-stream.ts'
import { createSecretScrubber, type SecretScrubber } from '../egress/secret-scrubber.ts'

/** The secret values that a connection uses, to mask them in what its upstream sends. */
export interface KnownSecrets {
  /** `slot` says what the value is for. The current and the previous value of each slot are masked. */
  add(value: string, slot: string): void
  scrub(text: string): string
  /** Returns a scrubber for one body; null if there is nothing to mask. */
  stream(): StreamScrubber | null
}

/** Access tokens live for minutes and upstreams for months, so older values of a slot are dropped. */
const VALUES_PER_SLOT = 2

export function createKnownSecrets(): KnownSecrets {
  const slots = new Map<string, string[]>()
  let scrubber: SecretScrubber | null = null
  return {
    add(value, slot) {
      const values = slots.get(slot) ?? []
      if (values[0] === value) return
      slots.set(slot, [value, ...values.filter((one) => one !== value)].slice(0, VALUES_PER_SLOT))
      scrubber = createSecretScrubber([...new Set([...slots.values()].flat())])
    },
    scrub: (text) => scrubber?.text(text) ?? text,
    stream: () => scrubber?.stream() ?? null,
  }
}
