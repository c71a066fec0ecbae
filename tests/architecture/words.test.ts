import { describe, expect, test } from 'vitest'
import { readSource, sourceFiles } from './imports.ts'

/** Phrases that no visible string uses. Each has a plain alternative in docs/writing.md. */
const NOT_USED: readonly RegExp[] = [
  /\bof its own\b/,
  /\bthat (?:it|they) ha(?:s|ve)\b/,
  /\bgoes on\b/,
  /\bgo on\b/,
  /\bstands in\b/i,
  /\bkeeps to\b/,
  /\bas (?:it is|they are)\b/,
  /\bas it stands\b/,
  /\bby (?:itself|themselves)\b/,
  /\bnone (?:is|has|that)\b/i,
  /\b(?:is|are|has|have|holds?) no(?: more\b| longer any\b| (?:document|MCP|HTTP|URL|address|file|name|host|right)\b)/,
  /\bno more\.$/,
  /\b(?:\d[\d,]*|\}|requests?|calls?|rows?|records?|times) an? (?:second|minute|hour|day|week|month|year|call|command|request|line)\b/,
  /\bcut off\b/i,
  /\bbroke off\b/,
  /\btak(?:e|es|en|ing) (?:away|out|back)\b/i,
  /\b(?:its|their) time is over\b/,
  /\b(?:is|are) over\b/,
  /\bit ends\b/i,
  /\b(?:token|session|it|access) ends? (?:in|after)\b/i,
  /\bnever ends\b/,
  /\bha(?:s|ve) ended\b/,
  /\btime to live\b/i,
  /\binstants?\b(?!\))/,
  /\brights?\b(?! (?:port|-click))/i,
  /\bwhole path\b/,
  /\bfrom the root\b/,
  /\b(?:this|the|your|another) machine\b/,
  /\bfor ever\b/,
  /(?<!connection )\brefused\b/i,
  /\brefuses\b/i,
  /\bwhoever\b/i,
  /\byour word\b/,
  /\bwaits? for you\b/,
  /\bnothing (?:waits|answers)\b/i,
  /\b(?:does|did)(?: not|n't) answer\b/,
  /\b(?:must|may) hold\b/i,
  /\bTry(?:ing)? it\b/,
  /^Give (?:a|an|the|it)\b/,
  /^Make (?:a|an|one)\b/,
  /\b(?:anew|whatever|wherein|hence)\b/i,
  /\b(?:please|sorry|oops|simply|easily)\b/i,
  /\b(?:licence|colour|cancell(?:ed|ing)|catalogue|behaviour|authoris\w+|serialis\w+|neighbour\w*|dialled)\b/i,
  /\be\.g\./,
  /\bUrl\b/,
  /[“”‘’]/,
]

/** Word lists of the tool search, which contain the words that people use. */
const VOCABULARY = /^engine\/bridge\/tools\/search\//

const STRING = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g
const JSX_TEXT = />([^<>{}=;()]*[A-Za-z][^<>{}=;()]*)(?=[<{])/g

function withoutComments(source: string): string {
  return source
    .replace(/\{\/\*[\s\S]*?\*\/\}/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
}

/** Leaves `{}` of the values in a template, whose code isn't for reading. */
function withoutValues(text: string): string {
  const shorter = text.replaceAll(/\$\{[^{}]*\}/g, '{}').replaceAll(/=\{[^{}]*\}/g, '')
  return shorter === text ? text : withoutValues(shorter)
}

/** Strings that look like sentences or labels: at least two words, no SQL and no class names. */
function sentences(): { path: string; text: string }[] {
  return sourceFiles()
    .filter((path) => !VOCABULARY.test(path))
    .flatMap((path) => {
      const source = withoutComments(readSource(path))
      const strings = [...source.matchAll(STRING)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      const texts = path.endsWith('.tsx') ? [...source.matchAll(JSX_TEXT)].map((match) => match[1] ?? '') : []
      return [...strings, ...texts]
        .map((text) => withoutValues(text).replaceAll(/\s+/g, ' ').trim())
        .filter(
          (text) =>
            /^[A-Za-z$\d].* \S/.test(text) && !/^(?:import|SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER)\b/.test(text),
        )
        .map((text) => ({ path, text }))
    })
}

const all = sentences()

describe('visible strings', () => {
  test('are found', () => {
    expect(all.length).toBeGreaterThan(1500)
    expect(
      all.some(({ path, text }) => path.endsWith('.tsx') && text.startsWith('Requests that need your approval')),
    ).toBe(true)
  })

  test.each(NOT_USED)("don't use %s", (phrase) => {
    const found = all.filter(({ text }) => phrase.test(text))
    expect(found.map(({ path, text }) => `src/${path}: ${text.slice(0, 160)}`)).toEqual([])
  })
})
