import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceByRenameSync } from '../../../../platform/replace-by-rename.ts'
import { isObject } from '../../../text/json.ts'
import { CATALOG_FORMAT, type Catalog } from './catalog.ts'
import { plainId, type OperationSelection } from './operations.ts'

/** The catalogs of imported documents: one file per connection in the data folder. They contain no secrets. */
export interface CatalogFiles {
  /** Returns null if there is no readable one; the same object until it is replaced. */
  read(connectionId: number): Catalog | null
  /** Returns which operations were selected in a catalog that an earlier version stored, or null if there is none. */
  outdatedSelection(connectionId: number): OperationSelection | null
  write(connectionId: number, catalog: Catalog): void
  remove(connectionId: number): void
}

export function createCatalogFiles(folder: string): CatalogFiles {
  const known = new Map<number, Catalog | null>()
  /** What earlier versions stored. The status asks for it each time. */
  const selections = new Map<number, OperationSelection | null>()
  const fileOf = (connectionId: number): string => join(folder, `${connectionId}.json`)

  const mayBeOutdated = (connectionId: number): boolean => (known.get(connectionId) ?? null) === null

  return {
    read(connectionId) {
      const found = known.get(connectionId)
      if (found !== undefined) return found
      const catalog = readFile(fileOf(connectionId))
      known.set(connectionId, catalog)
      return catalog
    },
    outdatedSelection(connectionId) {
      if (!mayBeOutdated(connectionId)) return null
      const known = selections.get(connectionId)
      if (known !== undefined) return known
      const selection = readOutdated(fileOf(connectionId))
      selections.set(connectionId, selection)
      return selection
    },
    write(connectionId, catalog) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const file = fileOf(connectionId)
      writeFileSync(`${file}.new`, JSON.stringify(catalog), { mode: 0o600 })
      replaceByRenameSync(`${file}.new`, file)
      known.set(connectionId, catalog)
      selections.delete(connectionId)
    },
    remove(connectionId) {
      known.delete(connectionId)
      selections.delete(connectionId)
      rmSync(fileOf(connectionId), { force: true })
    },
  }
}

function readFile(file: string): Catalog | null {
  const value = parseFile(file)
  if (!isObject(value) || value['format'] !== CATALOG_FORMAT || !Array.isArray(value['operations'])) return null
  return value as unknown as Catalog
}

function readOutdated(file: string): OperationSelection | null {
  const found = parseFile(file)
  if (!isObject(found) || found['format'] === CATALOG_FORMAT || !Array.isArray(found['operations'])) return null
  const { chosen, tags } = found
  if (!isTexts(chosen)) return {}
  return { ids: chosen.map(plainId), tags: isTexts(tags) ? tags : undefined }
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // A missing or damaged file is written again when the document is refreshed.
    return null
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
