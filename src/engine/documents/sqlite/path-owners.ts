import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, join, parse, resolve, sep } from 'node:path'

/** File systems of the kernel, which show processes and devices instead of stored files. */
const SYSTEM_FOLDERS = ['/proc', '/dev', '/sys']
const MAX_LINKS = 40

export function isSystemPath(path: string): boolean {
  return SYSTEM_FOLDERS.some((folder) => path === folder || path.startsWith(`${folder}/`))
}

/**
 * Returns whether a link of another user is on the way to the folder: that user could point it elsewhere at any time. Links of the
 * system itself count as the user's own, since `/tmp` and `/var` are such on macOS. `ownerOf` returns the owner of a link, or null for
 * anything else.
 */
export function leadsThroughForeignLink(
  folder: string,
  user: number | null,
  ownerOf: (path: string) => number | null = ownerOfLink,
  targetOf: (path: string) => string = readlinkSync,
): boolean {
  if (user === null) return false
  let rest = partsOf(folder)
  let at = parse(folder).root
  for (let links = 0; links <= MAX_LINKS;) {
    const [part, ...more] = rest
    if (part === undefined) return false
    const path = join(at, part)
    const owner = ownerOf(path)
    if (owner === null) {
      at = path
      rest = more
      continue
    }
    if (owner !== user && owner !== 0) return true
    const given = attempt(() => targetOf(path))
    if (given === null) return false
    const target = resolve(dirname(path), given)
    at = parse(target).root
    rest = [...partsOf(target), ...more]
    links += 1
  }
  // Links in a circle lead nowhere, which the caller notices when it opens the folder.
  return false
}

function partsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((part) => part !== '')
}

function ownerOfLink(path: string): number | null {
  const found = attempt(() => lstatSync(path, { throwIfNoEntry: false }))
  return found?.isSymbolicLink() === true ? found.uid : null
}

/** Returns null if the user can't read the folder, which the caller notices when it opens it. */
function attempt<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
