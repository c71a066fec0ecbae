import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface SidebarSection {
  text: string
  items: { text: string; link: string }[]
}

/** Returns the sidebar of the documentation site: the sections of docs/README.md and the pages that their tables link to. */
export function sidebar(): SidebarSection[] {
  const index = readFileSync(join(import.meta.dirname, '../docs/README.md'), 'utf8')
  return index
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      text: section.split('\n', 1)[0] ?? '',
      items: [...section.matchAll(/\[([^\]]+)\]\(([^)\s]+\.md)\)/g)].map(([, text = '', page = '']) => ({
        text,
        link: join('/docs', page).replace(/\.md$/, ''),
      })),
    }))
}
