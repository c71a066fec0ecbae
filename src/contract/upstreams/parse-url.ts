/** Returns the text as a URL, or null if it isn't one. Some supported browsers don't have `URL.parse` yet. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
