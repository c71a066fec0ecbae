import { createSecretScrubber, type SecretScrubber, type StreamScrubber } from '../egress/secret-scrubber.ts'

/** Every secret value that a connection has used in this run, and the way to cut them out of what its upstream sends. */
export interface KnownSecrets {
  add(value: string): void
  scrub(text: string): string
  /** For one body; null when there is nothing to look for. */
  stream(): StreamScrubber | null
}

export function createKnownSecrets(): KnownSecrets {
  const values = new Set<string>()
  let scrubber: SecretScrubber | null = null
  return {
    add(value) {
      if (values.has(value)) return
      values.add(value)
      scrubber = createSecretScrubber([...values])
    },
    scrub: (text) => scrubber?.text(text) ?? text,
    stream: () => scrubber?.stream() ?? null,
  }
}
