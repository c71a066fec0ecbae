import { stemmer } from 'stemmer'

/** Words that don't help to identify a tool. */
const STOP_WORDS = new Set(
  (
    'a an the of in on at to for from with by and or is are was were be been it its this that these those there here i me my your ' +
    'you we our us do does did can could should would will need want please how what which who whom where when why all any some ' +
    'each every into as if than then out up about over per via between within across current currently use used using given ' +
    'existing specific has have had let give show'
  ).split(' '),
)

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const MIN_STEMMED = 4

const MAX_STEMS = 20_000

export interface SearchWords {
  /** Returns the words of a text in lower case: camelCase and acronyms are split, and scripts without spaces by dictionary. */
  split(text: string): string[]
  /** Returns the stem of an English word, so that "issues" finds "issue". Other words are returned unchanged. */
  stem(word: string): string
}

export function createSearchWords(): SearchWords {
  let segmenter: Intl.Segmenter | undefined
  const stems = new Map<string, string>()
  return {
    stem(word) {
      if (word.length < MIN_STEMMED || !/^[a-z]+$/.test(word)) return word
      const known = stems.get(word)
      if (known !== undefined) return known
      const stem = stemmer(word)
      if (stems.size >= MAX_STEMS) stems.clear()
      stems.set(word, stem)
      return stem
    },
    split(text) {
      const spaced = text
        .normalize('NFKC')
        .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
        .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
        .toLowerCase()
      if (!UNSPACED.test(spaced)) return spaced.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
      segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' })
      return [...segmenter.segment(spaced)].flatMap(({ segment, isWordLike }) => (isWordLike === true ? [segment] : []))
    },
  }
}

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word)
}
