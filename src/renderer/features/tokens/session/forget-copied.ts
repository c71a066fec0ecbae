/**
 * Empties the browser's clipboard if it still holds the token. Does nothing where the page can't look: what is there may
 * belong to somebody else. The desktop app does this itself.
 */
export async function forgetCopied(token: string): Promise<void> {
  try {
    const held = await navigator.clipboard.readText()
    if (held.includes(token)) await navigator.clipboard.writeText('')
  } catch {
    // Reading the clipboard was denied, or this is not a secure origin.
  }
}
