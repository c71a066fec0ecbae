import { actionsOf, type ToolAction } from './tool-actions.ts'
import { isStopWord } from './search-words.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A tool to be indexed. `ownName` is its name without the connection's prefix. */
interface SearchableTool {
  name: string
  ownName: string
  connection: string
  title: string
  description: string
  inputSchema: Record<string, unknown>
  isReadOnly: boolean
}

/** Fields of a tool with their weight, and how much length reduces it (b of BM25). */
export const FIELDS = {
  name: { weight: 5, b: 0.4 },
  title: { weight: 3, b: 0.4 },
  path: { weight: 2, b: 0.4 },
  sentence: { weight: 1.6, b: 0.75 },
  connection: { weight: 1.2, b: 0.4 },
  rest: { weight: 0.5, b: 0.75 },
  parameters: { weight: 0.4, b: 0.4 },
} as const
export type FieldName = keyof typeof FIELDS
export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[]

export interface ToolDocument {
  name: string
  /** Names that find the tool exactly. */
  exactNames: readonly [string, string]
  /** Stems of each field, with their counts. */
  counts: Record<FieldName, ReadonlyMap<string, number>>
  lengths: Record<FieldName, number>
  nameStems: readonly string[]
  /** Stems of the title, or of the name if there is no title. */
  titleStems: readonly string[]
  /** Stem of the last word of the path that isn't a parameter. */
  pathNoun: string | null
  /** Stem of the first word of the name, after the connection's name. */
  verb: string | null
  connectionStems: readonly string[]
  actions: readonly ToolAction[]
  isOutdated: boolean
}

const OPERATION = /(?:^|\n)(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/\S*)\s*$/
const VERSION = /^v\d+((alpha|beta)\d*)?$/
/** In a description, "legacy" may be about anything; a deprecation comes first. */
const DEPRECATED = /^\W*deprecated\b/i
const OUTDATED = /\b(deprecated|legacy|obsolete)\b/i
const MAX_SENTENCE = 300
const MAX_TEXT = 1200

export function createToolDocument(tool: SearchableTool, vocabulary: Vocabulary): ToolDocument {
  const { name, ownName, connection, title, description, inputSchema } = tool
  const { words: splitter, verbs } = vocabulary
  const stemOf = (word: string): string => splitter.stem(word)
  const stemsOf = (list: readonly string[]): string[] => [
    ...new Set(list.filter((word) => !isStopWord(word) && !VERSION.test(word)).map(stemOf)),
  ]
  const [, method, path] = OPERATION.exec(description) ?? []
  const operation = method === undefined || path === undefined ? null : { method, path }
  const connectionWords = splitter.split(connection).filter((word) => word !== 'mcp')
  const nameWords = splitter.split(ownName)
  const titleWords = title === ownName ? [] : splitter.split(title)
  const pathWords = splitter.split((path ?? '').replaceAll(/\{[^}]*\}/g, ' ')).filter((word) => !VERSION.test(word))
  const sentence = (/^[^]*?(?=\n\n|[.!?]\s|$)/.exec(description)?.[0] ?? '').slice(0, MAX_SENTENCE)
  const words: Record<FieldName, string[]> = {
    name: nameWords,
    title: titleWords,
    path: pathWords,
    sentence: splitter.split(sentence),
    connection: connectionWords,
    rest: splitter.split(description.slice(sentence.length, MAX_TEXT)),
    parameters: [...new Set(parameterNames(inputSchema).flatMap((each) => splitter.split(each)))],
  }
  const lastOfPath = pathWords.at(-1)
  const connectionStems = stemsOf(connectionWords)
  const ownWords = nameWords.filter((word) => !connectionStems.includes(stemOf(word)))
  const verb = operation !== null && ownName.includes('_') ? splitter.split(afterGroup(ownName))[0] : ownWords[0]
  return {
    name,
    exactNames: [name.toLowerCase(), ownName.toLowerCase()],
    counts: mapFields((field) => countsOf(words[field], stemOf)),
    lengths: mapFields((field) => words[field].length),
    nameStems: stemsOf(nameWords),
    titleStems: stemsOf(titleWords.length > 0 ? titleWords : nameWords),
    pathNoun: lastOfPath === undefined ? null : stemOf(lastOfPath),
    verb: verb === undefined ? null : stemOf(verb),
    connectionStems,
    actions: actionsOf({ nameStems: ownWords.map(stemOf), operation, isReadOnly: tool.isReadOnly }, verbs),
    isOutdated: DEPRECATED.test(description) || OUTDATED.test([...nameWords, ...titleWords].join(' ')),
  }
}

/** Operation IDs such as `issues_list-for-repo` start with a group, followed by the verb. */
function afterGroup(ownName: string): string {
  return ownName.slice(ownName.indexOf('_') + 1)
}

function mapFields<T>(value: (field: FieldName) => T): Record<FieldName, T> {
  return Object.fromEntries(FIELD_NAMES.map((field) => [field, value(field)])) as Record<FieldName, T>
}

function countsOf(words: readonly string[], stemOf: (word: string) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) {
    if (isStopWord(word)) continue
    const stem = stemOf(word)
    counts.set(stem, (counts.get(stem) ?? 0) + 1)
  }
  return counts
}

/**
 * Returns the names of the arguments and of the properties one level below, because bodies of HTTP APIs are one
 * argument.
 */
function parameterNames({ properties }: Record<string, unknown>): string[] {
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, schema]) =>
    isObject(schema) && isObject(schema['properties']) ? [name, ...Object.keys(schema['properties'])] : [name],
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
