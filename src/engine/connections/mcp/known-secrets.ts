import { createSecretScrubber, type SecretScrubber } from '../secret-scrubber.ts'

/** Every secret value that a connection has used in this run, and the way to cut them out of texts for people. */
export interface KnownSecrets {
  add(value: string): void
  scrub(text: string): string
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
  }
}
