import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalogue } from './catalog.ts'

/** The catalogues of imported documents, a file a connection, in a folder of the data folder. They hold no secret. */
export interface CatalogueFiles {
  /** Null when there is none that can be read. The same object until it is replaced. */
  read(connectionId: number): Catalogue | null
  keep(connectionId: number, catalogue: Catalogue): void
  remove(connectionId: number): void
}

export function createCatalogueFiles(folder: string): CatalogueFiles {
  const known = new Map<number, Catalogue | null>()
  const fileOf = (connectionId: number): string => join(folder, `${connectionId}.json`)

  return {
    read(connectionId) {
      const found = known.get(connectionId)
      if (found !== undefined) return found
      const catalogue = readFile(fileOf(connectionId))
      known.set(connectionId, catalogue)
      return catalogue
    },
    keep(connectionId, catalogue) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const file = fileOf(connectionId)
      writeFileSync(`${file}.new`, JSON.stringify(catalogue), { mode: 0o600 })
      renameSync(`${file}.new`, file)
      known.set(connectionId, catalogue)
    },
    remove(connectionId) {
      known.delete(connectionId)
      rmSync(fileOf(connectionId), { force: true })
    },
  }
}

function readFile(file: string): Catalogue | null {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Catalogue
    return value.format === 1 && Array.isArray(value.operations) ? value : null
  } catch {
    // Gone or damaged: what it holds is read again from the document (refresh).
    return null
  }
}
