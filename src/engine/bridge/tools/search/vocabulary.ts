import { createSearchWords, type SearchWords } from './search-words.ts'
import { createSynonyms, type Synonyms } from './synonyms.ts'
import { createActionWords, type ActionWords } from './tool-actions.ts'

/** How words are processed, for tools and queries alike. */
export interface Vocabulary {
  words: SearchWords
  verbs: ActionWords
  synonyms: Synonyms
}

export function createVocabulary(): Vocabulary {
  const words = createSearchWords()
  const stem = (word: string): string => words.stem(word)
  return { words, verbs: createActionWords(stem), synonyms: createSynonyms(stem) }
}
