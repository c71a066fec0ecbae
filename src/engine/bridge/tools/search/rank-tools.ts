import { isStopWord } from './search-words.ts'
import { READING, type ToolAction } from './tool-actions.ts'
import type { ToolDocument } from './tool-document.ts'
import type { ToolIndex } from './tool-index.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Saturation of BM25: how much further occurrences of a word add. */
const K1 = 1.2
const EXACT = 1e6
const VERB_SHARE = 0.6
/** Words between a verb and its object. */
const OBJECT_STARTS = new Set(['a', 'an', 'the', 'this', 'that', 'my', 'our', 'someone', 'all'])

interface RankedTool {
  name: string
  score: number
}

/** The parsed query. */
interface Query {
  stems: readonly string[]
  actions: readonly ToolAction[]
  /** The stem that the actions were derived from. */
  verb: string | null
  /** How well the query covers a stem of a title or name: 1 for its own words and verbs, less for synonyms. */
  coverage(stem: string): number
  isVerb(stem: string): boolean
  /** Scores of tools whose exact name is in the query. */
  names: ReadonlyMap<string, number>
}

/** A word of the query with its synonyms. */
interface Term {
  idf: number
  alternatives: readonly { stem: string; factor: number }[]
}

/**
 * Returns the names of the tools that match the query, best first. Ties are ordered by name, so that results are
 * stable. Rare words count more, and rarity is measured over all indexes together. `isListed` says which tools can be
 * returned.
 */
export function rankTools(
  query: string,
  indexes: readonly ToolIndex[],
  vocabulary: Vocabulary,
  isListed: (name: string) => boolean,
): string[] {
  const wanted = parseQuery(query, vocabulary)
  const total = indexes.reduce((sum, { documents }) => sum + documents.length, 0)
  const terms = wanted.stems.map((stem): Term => {
    const shares = new Map([...(vocabulary.synonyms.get(stem) ?? []), [stem, 1]])
    // The verb's meaning is scored by the action, so as a word it counts less than nouns.
    const part = stem === wanted.verb ? VERB_SHARE : 1
    return {
      idf: part * idfOf(stem, indexes, total),
      alternatives: [...shares].map(([each, share]) => ({
        stem: each,
        factor: part * share * idfOf(each, indexes, total),
      })),
    }
  })
  return indexes
    .flatMap((index) => rankWithin(index, wanted, terms))
    .filter(({ name }) => isListed(name))
    .toSorted((one, other) => other.score - one.score || (one.name < other.name ? -1 : 1))
    .map(({ name }) => name)
}

function rankWithin(index: ToolIndex, wanted: Query, terms: readonly Term[]): RankedTool[] {
  const { length } = index.documents
  const scores = new Float64Array(length)
  const met = new Float64Array(length)
  let possible = 0
  for (const { idf, alternatives } of terms) {
    possible += idf
    const best = bestScores(index, alternatives)
    for (let number = 0; number < length; number += 1) {
      const score = best[number] ?? 0
      if (score === 0) continue
      scores[number] = (scores[number] ?? 0) + score
      met[number] = (met[number] ?? 0) + Math.min(idf, score / 1.2)
    }
  }
  const ranked: RankedTool[] = []
  for (const [number, document] of index.documents.entries()) {
    const [name, ownName] = document.exactNames
    const exact = wanted.names.get(name) ?? wanted.names.get(ownName) ?? 0
    const score = scores[number] ?? 0
    if (score === 0 && exact === 0) continue
    const share = possible === 0 ? 0 : (met[number] ?? 0) / possible
    ranked.push({ name: document.name, score: exact + score * (0.4 + 0.6 * share) * fit(document, wanted) })
  }
  return ranked
}

function bestScores(index: ToolIndex, alternatives: Term['alternatives']): Float64Array {
  const best = new Float64Array(index.documents.length)
  for (const { stem, factor } of alternatives) {
    const postings = index.postings(stem)
    if (postings === undefined) continue
    const { documents, weights } = postings
    for (let position = 0; position < documents.length; position += 1) {
      const weight = weights[position] ?? 0
      const number = documents[position] ?? 0
      best[number] = Math.max(best[number] ?? 0, (factor * weight * (K1 + 1)) / (weight + K1))
    }
  }
  return best
}

/** Returns how well a tool fits the meaning of the query, as a factor around 1. */
function fit(document: ToolDocument, { stems, actions, verb: wanted, coverage, isVerb }: Query): number {
  const { titleStems, nameStems, connectionStems, pathNoun, verb } = document
  const deletes = document.actions.includes('delete')
  let factor = 1
  if (actions.length === 0) factor *= deletes ? 0.6 : 1
  else if (document.actions.some((action) => actions.includes(action))) factor *= 1.35
  else if (document.actions.length > 0) factor *= deletes ? 0.55 : 0.8
  let further = 0
  for (const stem of nameStems)
    if (coverage(stem) === 0 && stem.length > 1 && !isVerb(stem) && !connectionStems.includes(stem)) further += 1
  factor /= 1 + 0.05 * further
  if (pathNoun !== null && stems.includes(pathNoun)) factor *= 1.25
  if (document.isOutdated) factor *= 0.7
  let covered = 0
  for (const stem of titleStems) covered += coverage(stem)
  factor *= 0.7 + (0.6 * covered) / (titleStems.length || 1)
  if (verb !== null && verb === wanted) factor *= 1.3
  if (connectionStems.some((stem) => stems.includes(stem))) factor *= 1.5
  return factor
}

function parseQuery(text: string, { words: splitter, verbs, synonyms }: Vocabulary): Query {
  const words = splitter.split(text)
  const meant = words.filter((word) => !isStopWord(word))
  const stems = [...new Set((meant.length > 0 ? meant : words).map((word) => splitter.stem(word)))]
  const { verb, actions } = meaningOf(words, meant, { words: splitter, verbs, synonyms })
  const coverages = new Map<string, number>()
  for (const stem of stems)
    for (const [other, weight] of synonyms.get(stem) ?? [])
      coverages.set(other, Math.max(weight, coverages.get(other) ?? 0))
  for (const stem of stems) coverages.set(stem, 1)
  return {
    stems,
    actions,
    verb,
    names: exactNames(text),
    isVerb: (stem) => verbs.ofVerb(stem).length > 0,
    coverage(stem) {
      const known = coverages.get(stem)
      if (known === 1) return 1
      return verbs.ofVerb(stem).some((action) => actions.includes(action)) ? 1 : (known ?? 0)
    },
  }
}

function meaningOf(
  words: readonly string[],
  meant: readonly string[],
  { words: splitter, verbs }: Vocabulary,
): Pick<Query, 'verb' | 'actions'> {
  const verb = words
    .slice(0, 3)
    .map((word) => splitter.stem(word))
    .find((stem) => verbs.ofVerb(stem).length > 0)
  if (verb !== undefined) return { verb, actions: verbs.ofVerb(verb) }
  const [first, second] = words
  // "star a repository": a verb that the table doesn't know.
  if (first !== undefined && second !== undefined && OBJECT_STARTS.has(second) && !isStopWord(first))
    return { verb: splitter.stem(first), actions: [] }
  // Otherwise it asks to see something: many things if one of the words is a plural.
  const isPlural = meant.some((word) => /[a-z]{3}s$/.test(word) && !word.endsWith('ss'))
  return { verb: null, actions: isPlural ? ['list', 'search'] : READING }
}

/** Returns the tool names in a query, in order. A plain word counts as one only if it is the whole query. */
function exactNames(query: string): Map<string, number> {
  const parts = query
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
  return new Map(
    parts.flatMap((part, position) =>
      parts.length === 1 || /[_-]/.test(part) ? [[part, EXACT - position * 1000]] : [],
    ),
  )
}

function idfOf(stem: string, indexes: readonly ToolIndex[], total: number): number {
  const frequency = indexes.reduce((sum, index) => sum + (index.postings(stem)?.documents.length ?? 0), 0)
  return Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
}
