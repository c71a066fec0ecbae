import { readFileSync } from 'node:fs'

/** A block of code in a page. `expected` is the `text` block right after a block of commands: their output. */
export interface PageBlock {
  language: string
  /** The word after the language: `not-run`, or `fails` if the last command must exit with a code other than 0. */
  note: string
  text: string
  expected: string | null
}

/** Returns the blocks of code of a Markdown page, in order. */
export function blocksOf(path: string): PageBlock[] {
  const page = readFileSync(path, 'utf8')
  const blocks: PageBlock[] = []
  let end = 0
  for (const match of page.matchAll(/^```([a-z]*) ?(.*)\n([\s\S]*?)^```$/gm)) {
    const [whole, language = '', note = '', text = ''] = match
    const before = blocks.at(-1)
    const follows = before?.language === 'sh' && page.slice(end, match.index).trim() === ''
    if (language === 'text' && follows) before.expected = text
    else blocks.push({ language, note, text, expected: null })
    end = match.index + whole.length
  }
  return blocks
}

/** Returns the first difference between a page's sample and the output, or null. `…` stands for any text, alone in a line for any lines. */
export function outputDifference(sample: string, output: string): string | null {
  const [wanted, printed] = [linesOf(sample), linesOf(output)]
  let at = 0
  let isFree = false
  for (const line of wanted) {
    if (line === '…') {
      isFree = true
      continue
    }
    const pattern = new RegExp(`^${line.split('…').map(literal).join('.*')}$`)
    const found = printed.findIndex((each, index) => index >= at && pattern.test(each))
    if (found === -1 || (found > at && !isFree)) return `expected "${line}", printed "${printed[at] ?? 'nothing more'}"`
    at = found + 1
    isFree = false
  }
  return isFree || at === printed.length ? null : `printed more: "${printed[at]}"`
}

/** Returns the lines that aren't empty, with single spaces, because the widths of columns depend on their contents. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
