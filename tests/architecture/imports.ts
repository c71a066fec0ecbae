import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

export interface Import {
  /** Path under src/, with forward slashes. */
  from: string
  /** Path under src/ for a file of ours, else the name of the package. */
  to: string
  ours: boolean
  typeOnly: boolean
}

const SOURCE = join(import.meta.dirname, '../../src')
const STATIC = /^\s*(?:import|export)\s+(?<what>(?:type\s+)?(?:[^'";]*?)\s*from\s*)?['"](?<target>[^'"]+)['"]/gm
const LATE = /\bimport\(\s*['"](?<target>[^'"]+)['"]\s*\)/g
const FILE_ADDRESS = /new URL\(\s*['"](?<target>\.{1,2}\/[^'"]+)['"]\s*,\s*import\.meta\.url/g

/** Paths under src/ of all source files. */
export function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx)$/.test(path))
    .map((path) => path.split(sep).join('/'))
}

export function readSource(path: string): string {
  return readFileSync(join(SOURCE, path), 'utf8')
}

/** Every import that a file makes: static, re-exported, late, and of a type alone. */
export function importsIn(path: string, text: string): Import[] {
  const code = withoutComments(text)
  const found: Import[] = []
  for (const { groups } of code.matchAll(STATIC))
    found.push(resolve(path, groups?.target ?? '', isTypeOnly(groups?.what ?? '')))
  for (const pattern of [LATE, FILE_ADDRESS]) {
    // `typeof import('x')` is a type, told apart from a late import by the word before it.
    for (const match of code.matchAll(pattern))
      found.push(resolve(path, match.groups?.target ?? '', /typeof\s+$/.test(code.slice(0, match.index))))
  }
  return found
}

export function allImports(): Import[] {
  return sourceFiles().flatMap((path) => importsIn(path, readSource(path)))
}

export function exists(path: string): boolean {
  return existsSync(join(SOURCE, path))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

function isTypeOnly(what: string): boolean {
  if (/^type\s/.test(what)) return true
  const braces = /^\{(?<names>[^}]*)\}\s*from\s*$/.exec(what)
  const names =
    braces?.groups?.names
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '') ?? []
  return names.length > 0 && names.every((name) => name.startsWith('type '))
}

function resolve(from: string, target: string, typeOnly: boolean): Import {
  if (!target.startsWith('.')) {
    const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target)
    return { from, to: name, ours: false, typeOnly }
  }
  const to = relative(SOURCE, join(SOURCE, dirname(from), target))
    .split(sep)
    .join('/')
  return { from, to, ours: true, typeOnly }
}
