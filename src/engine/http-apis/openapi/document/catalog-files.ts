import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceByRenameSync } from '../../../../platform/replace-by-rename.ts'
import type { Catalog } from './catalog.ts'

/** The catalogs of imported documents: one file per connection in the data folder. They contain no secrets. */
export interface CatalogFiles {
  /** Returns null if there is no readable one; the same object until it is replaced. */
  read(connectionId: number): Catalog | null
  write(connectionId: number, catalog: Catalog): void
  remove(connectionId: number): void
}

export function createCatalogFiles(folder: string): CatalogFiles {
  const known = new Map<number, Catalog | null>()
  const fileOf = (connectionId: number): string => join(folder, `${connectionId}.json`)

  return {
    read(connectionId) {
      const found = known.get(connectionId)
      if (found !== undefined) return found
      const catalog = readFile(fileOf(connectionId))
      known.set(connectionId, catalog)
      return catalog
    },
    write(connectionId, catalog) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const file = fileOf(connectionId)
      writeFileSync(`${file}.new`, JSON.stringify(catalog), { mode: 0o600 })
      replaceByRenameSync(`${file}.new`, file)
      known.set(connectionId, catalog)
    },
    remove(connectionId) {
      known.delete(connectionId)
      rmSync(fileOf(connectionId), { force: true })
    },
  }
}

function readFile(file: string): Catalog | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Catalog
    return value.format === 2 && Array.isArray(value.operations) ? value : null
  } catch {
    // A missing or damaged file is written again when the document is refreshed.
    return null
  }
}
