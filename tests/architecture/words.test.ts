import { describe, expect, test } from 'vitest'
import { readSource, sourceFiles } from './imports.ts'

/** Phrases that visible strings don't use, each with the number of strings that still have it. Lower a number when you rewrite one. */
const NOT_USED: readonly (readonly [phrase: RegExp, left: number])[] = [
  [/\bof its own\b/, 6],
  [/\bthat it has\b/, 0],
  [/\bgoes on\b/, 0],
  [/\bstands in\b/, 0],
  [/\bkeeps to\b/, 0],
  [/\bas it is\b/, 7],
  [/\bby itself\b/, 8],
  [/\bnone is\b/, 5],
  [/\d a (?:second|minute|day)\b/, 0],
  [/\b(?:is|are) no (?:document|MCP|HTTP|URL|address)/, 8],
  [/\bcut off\b/, 7],
  [/\btaken away\b/, 0],
  [/\bits time is over\b/, 6],
  [/\bwhole path\b/, 9],
  [/“/, 42],
]

const STRING = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g

/** Strings that look like sentences or labels: comments are left out, and so is what has fewer than three words. */
function sentences(): { path: string; text: string }[] {
  return sourceFiles().flatMap((path) =>
    [
      ...readSource(path)
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/(^|\s)\/\/.*$/gm, '')
        .matchAll(STRING),
    ]
      .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      .filter((text) => /\w \S+ \S/.test(text) && !/^\s*(import|SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER)\b/.test(text))
      .map((text) => ({ path, text })),
  )
}

const all = sentences()

describe('visible strings', () => {
  test('are found', () => {
    expect(all.length).toBeGreaterThan(500)
  })

  test.each(NOT_USED)('use %s no more often than before', (phrase, left) => {
    const found = all
      .filter(({ text }) => phrase.test(text))
      .map(({ path, text }) => `src/${path}: ${text.slice(0, 120)}`)
    expect(found.length > left ? found : []).toEqual([])
  })
})
