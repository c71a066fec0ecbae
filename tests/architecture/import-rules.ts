import { forbiddenFor, LAYERS, SHARED_FILES } from './engine-layers.ts'
import type { Import } from './imports.ts'

export interface Rule {
  name: string
  /** Shown when the rule is broken. */
  reason: string
  /** Folders that the rule names, because a rule about a missing folder checks nothing. */
  folders: string[]
  breaks(found: Import): boolean
}

const INTERFACES = ['control', 'cli', 'main', 'preload', 'renderer']

function within(path: string, ...folders: string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`))
}

/** The module of the engine that a file belongs to; null for files outside, and for those at the engine's root. */
function moduleOf(path: string): string | null {
  return /^engine\/([^/]+)\//.exec(path)?.[1] ?? null
}

export const RULES: Rule[] = [
  {
    name: 'contract imports nothing of ours',
    reason: 'The contract is a leaf: the renderer and the CLI import it, and would pull in whatever it imports.',
    folders: ['contract'],
    breaks: ({ from, to, ours }) =>
      ours && within(from, 'contract') && !within(to, 'contract') && to !== '../package.json',
  },
  {
    name: 'the engine imports none of its interfaces',
    reason:
      'The engine runs headless. Interfaces import it; an import back would tie it to a terminal, a browser or Electron.',
    folders: ['engine', ...INTERFACES],
    breaks: ({ from, to, ours }) => ours && within(from, 'engine') && within(to, ...INTERFACES),
  },
  {
    name: 'control imports types alone from the engine, and no interface',
    reason:
      'Control carries the owner API between processes: an interface that attaches to a running engine must not load one.',
    folders: ['control', 'engine'],
    breaks: ({ from, to, ours, typeOnly }) =>
      ours &&
      within(from, 'control') &&
      ((within(to, 'engine') && !typeOnly) || within(to, 'cli', 'main', 'preload', 'renderer')),
  },
  {
    name: 'cli and main never import each other',
    reason: 'Each is a thin interface over the owner API. What both need lives in control or the contract.',
    folders: ['cli', 'main'],
    breaks: ({ from, to, ours }) =>
      ours &&
      ((within(from, 'cli') && within(to, 'main', 'preload', 'renderer')) ||
        (within(from, 'main') && within(to, 'cli', 'renderer'))),
  },
  {
    name: 'preload and renderer import the contract only',
    reason: 'A taken-over renderer must find nothing but the owner API: no engine, no Node.',
    folders: ['preload', 'renderer', 'contract'],
    breaks: ({ from, to, ours }) =>
      ours && ['preload', 'renderer'].some((half) => within(from, half) && !within(to, half, 'contract')),
  },
  {
    name: 'electron is named in main and preload alone',
    reason: 'Everything else must run where no Electron is installed, types included.',
    folders: ['main', 'preload'],
    breaks: ({ from, to, ours }) => !ours && /^electron(-|$)/.test(to) && !within(from, 'main', 'preload'),
  },
  {
    name: 'modules of the engine import only from lower layers',
    reason:
      'What two modules need lives below both, so that each can be read, tested and replaced without its siblings.',
    folders: LAYERS.flat().map((module) => `engine/${module}`),
    breaks: ({ from, to, ours, typeOnly }) => {
      const module = moduleOf(from)
      if (!ours || module === null) return false
      const other = moduleOf(to)
      if (other !== null) return other !== module && forbiddenFor(module).includes(other)
      const atRoot = /^engine\/([^/]+)$/.exec(to)?.[1]
      return atRoot !== undefined && !typeOnly && !SHARED_FILES.includes(atRoot)
    },
  },
  {
    name: 'the keychain is touched in secrets alone',
    reason: 'A secret is fetched in one place, so that one place can be watched.',
    folders: ['engine/secrets'],
    breaks: ({ from, to, ours }) => !ours && to === 'keytar' && !within(from, 'engine/secrets'),
  },
  {
    name: 'the database driver is named by the store and the SQLite connection alone',
    reason: 'The store is the only place that knows SQL of ours; a document’s SQL runs in its worker.',
    folders: ['engine/store', 'engine/documents/sqlite'],
    breaks: ({ from, to, ours, typeOnly }) =>
      !ours && to === 'better-sqlite3' && !typeOnly && !within(from, 'engine/store', 'engine/documents/sqlite'),
  },
  {
    name: 'the engine is reached through its entry point',
    reason:
      'src/engine/index.ts is the only entry point. Clock, options, version and text are types, facts and pure functions that every interface may use.',
    folders: ['engine'],
    breaks: ({ from, to, ours, typeOnly }) =>
      ours &&
      within(from, 'cli', 'main') &&
      within(to, 'engine') &&
      !typeOnly &&
      moduleOf(to) !== null &&
      moduleOf(to) !== 'text',
  },
]
