import type { Import } from './imports.ts'

export interface Rule {
  name: string
  /** Said when the rule is broken. */
  reason: string
  /** Folders that the rule names: a rule about a folder that is gone guards nothing. */
  folders: string[]
  breaks(found: Import): boolean
}

const FACES = ['control', 'cli', 'main', 'preload', 'renderer']

function within(path: string, ...folders: string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`))
}

/** The room of the engine that a file stands in; null for files outside, and for those at the engine's root. */
function roomOf(path: string): string | null {
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
    name: 'the engine knows none of its faces',
    reason: 'The engine runs headless. Faces import it; a way back would tie it to a terminal, a browser or Electron.',
    folders: ['engine', ...FACES],
    breaks: ({ from, to, ours }) => ours && within(from, 'engine') && within(to, ...FACES),
  },
  {
    name: 'control takes types alone from the engine, and knows no face',
    reason:
      'Control carries the owner API between processes: a face that attaches to a running engine must not load one.',
    folders: ['control', 'engine'],
    breaks: ({ from, to, ours, typeOnly }) =>
      ours &&
      within(from, 'control') &&
      ((within(to, 'engine') && !typeOnly) || within(to, 'cli', 'main', 'preload', 'renderer')),
  },
  {
    name: 'cli and main do not know each other',
    reason: 'Each is a thin face over the owner API; what both need stands in control or the contract.',
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
      ours && ['preload', 'renderer'].some((face) => within(from, face) && !within(to, face, 'contract')),
  },
  {
    name: 'electron is named in main and preload alone',
    reason: 'Everything else must run where no Electron is installed, types included.',
    folders: ['main', 'preload'],
    breaks: ({ from, to, ours }) => !ours && /^electron(-|$)/.test(to) && !within(from, 'main', 'preload'),
  },
  {
    name: 'access and store import no other room but each other’s types and the log’s door',
    reason:
      'They are the ground floor: every right and every durable row is decided there, so they must be readable alone.',
    folders: ['engine/access', 'engine/store', 'engine/log'],
    breaks: ({ from, to, ours, typeOnly }) => {
      const [room, other] = [roomOf(from), roomOf(to)]
      if (!ours || (room !== 'access' && room !== 'store') || other === null || other === room || other === 'text')
        return false
      return !typeOnly || !['access', 'store', 'log'].includes(other)
    },
  },
  {
    name: 'bridge and proxy never import each other',
    reason:
      'What both need stands in access, connections or log: one decision, one log, one set of connections, whichever door.',
    folders: ['engine/bridge', 'engine/proxy'],
    breaks: ({ from, to, ours }) =>
      ours &&
      ((within(from, 'engine/bridge') && within(to, 'engine/proxy')) ||
        (within(from, 'engine/proxy') && within(to, 'engine/bridge'))),
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
    name: 'the engine root is reached through its door',
    reason:
      'src/engine/index.ts is the engine’s only door; clock, options, version and text are types, facts and pure functions that any face may know.',
    folders: ['engine'],
    breaks: ({ from, to, ours, typeOnly }) =>
      ours &&
      within(from, 'cli', 'main') &&
      within(to, 'engine') &&
      !typeOnly &&
      roomOf(to) !== null &&
      roomOf(to) !== 'text',
  },
]
