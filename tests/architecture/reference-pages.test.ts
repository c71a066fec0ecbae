import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GENERATED_PAGES, generatedPage, SCHEMA_FILE, schemaText } from '../../scripts/write-reference.ts'

const root = join(import.meta.dirname, '../..')
const docs = join(root, 'docs')

describe('the reference pages', () => {
  test.each(GENERATED_PAGES)('docs/%s equals the output of npm run docs', (file, generate) => {
    const page = readFileSync(join(docs, file), 'utf8')
    expect(page).toBe(generatedPage(page, generate()))
  })

  test('include the schema of configuration files', () => {
    expect(readFileSync(join(docs, SCHEMA_FILE), 'utf8')).toBe(schemaText())
  })

  test('include commands that have subcommands', () => {
    const page = readFileSync(join(docs, 'command-line.md'), 'utf8')
    expect(page).toMatch(/^## hallpass logs$/m)
    expect(page).toContain('`--request-id <id>`')
    expect(page).not.toMatch(/^## hallpass create$/m)
  })
})

/** Returns the anchors of a page as GitHub makes them of its headings. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

describe('links between pages', () => {
  test.each(pages)('of %s lead to an existing place', (file) => {
    const page = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '')
    const broken = [...page.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? join(root, file) : join(root, dirname(file), path)
        if (!existsSync(target)) return true
        return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor)
      })
    expect(broken).toEqual([])
  })
})
