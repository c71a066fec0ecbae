import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const BUILD = join(import.meta.dirname, '../../dist/renderer')
const ASSETS = join(BUILD, 'assets')
const isBuilt = existsSync(join(BUILD, 'index.html'))
const files = isBuilt ? readdirSync(ASSETS) : []

/** Files that a script needs before it runs: its static imports, and theirs. */
function neededBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const [, imported] of readFileSync(join(ASSETS, file), 'utf8').matchAll(
    /(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g,
  ))
    if (imported !== undefined) neededBy(imported, found)
  return found
}

function only(pattern: RegExp): string {
  const [file, ...others] = files.filter((name) => pattern.test(name))
  if (file === undefined || others.length > 0) throw new Error(`${pattern} should name one file.`)
  return file
}

/** Styles have the name of the part whose script needs them. */
function stylesOf(scripts: ReadonlySet<string>): string[] {
  const parts = [...scripts].map((name) => name.replace(/-[\w-]{8}\.js$/, ''))
  return files.filter((name) => name.endsWith('.css') && parts.includes(name.replace(/-[\w-]{8}\.css$/, '')))
}

function zipped(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0) / 1000
}

test.skipIf(!isBuilt)('RU6 Overview loads at most 250 kB, compressed', () => {
  const entry = /src="\.\/assets\/([^"]+)"/.exec(readFileSync(join(BUILD, 'index.html'), 'utf8'))?.[1] ?? ''
  const first = neededBy(only(/^overview-screen-.*\.js$/), neededBy(entry))
  expect(first.size).toBeGreaterThan(3)
  expect(zipped([...first, ...stylesOf(first)])).toBeLessThanOrEqual(250)
})

test.skipIf(!isBuilt)('RU6 no file is larger than 400 kB', () => {
  for (const name of files) expect(statSync(join(ASSETS, name)).size / 1000, name).toBeLessThanOrEqual(400)
})
