import { isMap, isScalar, LineCounter, parseDocument, type Document } from '../output/yaml-text.ts'
import { configurationSchema, type Configuration } from '../../contract/configuration.ts'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { closestName } from '../closest-name.ts'
import { configurationJsonSchema, schemaAt } from './configuration-schema.ts'

type Path = readonly (string | number)[]
type Issue = NonNullable<ReturnType<typeof configurationSchema.safeParse>['error']>['issues'][number]

/** A configuration file that was read, and where its parts are. */
interface ReadConfiguration {
  configuration: Configuration
  /** Returns the error with the line and column of what it is about, if it is about the file. */
  located(error: unknown): unknown
}

/** Reads a configuration from YAML or JSON. Throws INVALID_REQUEST with line and column of everything that is wrong. */
export function readConfiguration(text: string, file: string): ReadConfiguration {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const [broken] = document.errors
  if (broken !== undefined) throw invalidRequest(`${at(broken.pos[0])}: ${broken.message.split('\n')[0]}`)
  const value: unknown = document.toJS({ maxAliasCount: -1 })
  const parsed = configurationSchema.safeParse(value)
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, value))
    throw invalidRequest(
      problems.map(({ path, message, isKey }) => `${at(offsetOf(document, path, isKey))}: ${message}`).join('\n'),
    )
  }
  return {
    configuration: parsed.data,
    located(error) {
      if (!(error instanceof HallpassError)) return error
      const issues = error.details?.['issues']
      const parts = Array.isArray(issues)
        ? (issues as { field: string; message: string }[])
        : [{ field: error.field ?? '', message: error.message }]
      if (!parts.every(({ field }) => field.startsWith('configuration.'))) return error
      const sentences = parts.map(({ field, message }) => {
        const path = pathOf(field.slice('configuration.'.length), value)
        return `${at(offsetOf(document, path, path.length < 3))}: ${message}`
      })
      return new HallpassError(error.code, sentences.join('\n'))
    },
  }
}

/** Keys of later versions. Ignored, they would be taken for protection that doesn't exist. */
const NOT_YET: Readonly<Record<string, string>> = {
  approval:
    'This version of Hallpass can\'t require your approval for a token\'s requests. Remove "approval", and limit the token with grants instead.',
}

interface Problem {
  path: Path
  message: string
  /** The position is that of the last key of the path, not of its value. */
  isKey: boolean
}

function problemsOf(issue: Issue, value: unknown): Problem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(configurationJsonSchema(), path, value)?.properties ?? {})
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: NOT_YET[key] ?? `Unknown key "${shown(key)}".${nearest(key, known, 'key')}`,
      isKey: true,
    }))
  }
  const given = valueAt(value, path)
  const allowed = allowedValues(issue, path, value)
  const what = String(path.at(-1) ?? 'file')
  if (typeof given === 'string' && allowed.length > 0)
    return [
      {
        path,
        message: `Unknown ${what} "${shown(given)}".${nearest(given, allowed, what)} Use ${allowed.join(', ')}.`,
        isKey: false,
      },
    ]
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  const subject = path.length === 0 ? 'The file' : `"${shown(what)}"`
  const sentence = /^(must|can't|has|unknown)/.test(message) ? `${subject} ${message}` : `${subject}: ${message}`
  return [{ path, message: `${sentence.replace(/[.]$/, '')}.`, isKey: issue.code === 'invalid_key' }]
}

function allowedValues(issue: Issue, path: Path, value: unknown): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union' || path.at(-1) !== 'kind') return []
  const entry = schemaAt(configurationJsonSchema(), path.slice(0, -1), value, false)
  return (entry?.oneOf ?? entry?.anyOf ?? []).flatMap((option) => option.properties?.['kind']?.const ?? [])
}

function nearest(word: string, known: readonly string[], what: string): string {
  const close = closestName(word, known)
  return close === null ? '' : ` The closest ${what} is ${close}.`
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], value)
}

/** Returns the path that a dotted field means. Names of tokens contain dots, so each step takes the longest key that fits. */
function pathOf(field: string, value: unknown): Path {
  const path: (string | number)[] = []
  let rest = field
  let inner: unknown = value
  while (rest !== '' && typeof inner === 'object' && inner !== null) {
    const keys = Object.keys(inner).filter((key) => rest === key || rest.startsWith(`${key}.`))
    const key = keys.toSorted((one, other) => other.length - one.length)[0]
    if (key === undefined) break
    path.push(Array.isArray(inner) ? Number(key) : key)
    inner = (inner as Record<string, unknown>)[key]
    rest = rest.slice(key.length + 1)
  }
  return path
}

/** Returns where a part of the file is. A part that is missing is where its parent is. */
function offsetOf(document: Document, path: Path, isKey: boolean): number {
  const key = path.at(-1)
  const parent =
    path.length === 0 ? null : path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
    if (isScalar(pair?.key) && (isKey || !document.hasIn(path))) return pair.key.range?.[0] ?? 0
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true)
  const range = (node as { range?: [number, number, number] } | null | undefined)?.range
  if (range !== undefined && range !== null) return range[0]
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1), true)
}
