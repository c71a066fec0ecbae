/**
 * Returns true for an https URL below one of `bases` (each with a path ending in `/`), without credentials or an
 * explicit port.
 */
export function isDocumentationLink(address: string, bases: readonly string[]): boolean {
  const url = parsed(address)
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '')
    return false
  return bases.some((base) => {
    const { origin, pathname } = new URL(base)
    return url.origin === origin && url.pathname.startsWith(pathname)
  })
}

function parsed(address: string): URL | null {
  try {
    return new URL(address)
  } catch {
    return null
  }
}
