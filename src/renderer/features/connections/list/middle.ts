const MAX_CHARACTERS = 44

/** Returns an address or path without its middle, because its beginning and its end say the most. */
export function middle(text: string, max = MAX_CHARACTERS): string {
  const short = text.replace(/^https?:\/\//, '')
  if (short.length <= max) return short
  const half = Math.floor((max - 1) / 2)
  return `${short.slice(0, half)}…${short.slice(-half)}`
}
