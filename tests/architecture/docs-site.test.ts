import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sidebar } from '../../site/sidebar.ts'

const docs = join(import.meta.dirname, '../../docs')
const links = sidebar().flatMap(({ items }) => items.map(({ link }) => link))

describe('the index of the documentation', () => {
  test.each(readdirSync(docs).filter((file) => file.endsWith('.md') && file !== 'README.md'))('lists %s', (file) => {
    expect(links).toContain(`/docs/${file.replace(/\.md$/, '')}`)
  })

  test('lists each page once, and links pages of the repository', () => {
    expect(new Set(links).size).toBe(links.length)
    expect(links).toContain('/ARCHITECTURE')
  })
})
