/** An address as a URL, or null when it is none. What `URL.parse` does, on every Chromium and Node that a face may run on. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
