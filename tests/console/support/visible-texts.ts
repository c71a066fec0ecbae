import type { Page } from 'playwright-core'

export interface VisibleText {
  text: string
  /** Names the element: `button.mantine-Button`. */
  element: string
  /** The part of the page that hides some of it, if any does. */
  cutBy: string | null
  /** Whether all of it is shown on hover. */
  hasTitle: boolean
}

/** Returns the texts that the page shows now, with what cuts them off. Texts of code, which no language changes, are left out. */
export async function visibleTexts(page: Page): Promise<VisibleText[]> {
  return page.evaluate(() => {
    const nameOf = (element: Element): string =>
      `${element.tagName.toLowerCase()}.${element.getAttribute('class')?.split(' ').at(-1) ?? ''}`

    /** Returns the nearest ancestor that hides a part of the box. What scrolls hides nothing for good. */
    function cutterOf(element: Element, box: DOMRect): Element | null {
      let scrollsX = false
      let scrollsY = false
      for (let at: Element | null = element; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY, position } = getComputedStyle(at)
        const edge = at.getBoundingClientRect()
        if (/auto|scroll/.test(overflowX)) scrollsX = true
        if (/auto|scroll/.test(overflowY)) scrollsY = true
        const outX = box.right > edge.right + 1.5 || box.left < edge.left - 1.5
        const outY = box.bottom > edge.bottom + 4 || box.top < edge.top - 4
        if (!scrollsX && /hidden|clip/.test(overflowX) && outX) return at
        if (!scrollsY && /hidden|clip/.test(overflowY) && outY) return at
        if (position === 'fixed') break
      }
      const root = document.documentElement
      return !scrollsX && (box.right > innerWidth + 1.5 || box.left < -1.5) ? root : null
    }

    const found = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const text = (node.textContent ?? '').trim()
      const element = node.parentElement
      if (text === '' || element === null || element.closest('.hp-mono, code, pre, script, style, .hp-hidden') !== null)
        continue
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const box = range.getBoundingClientRect()
      // A text for screen readers alone, or a link that is shown when it has the focus.
      if (element.getBoundingClientRect().width <= 1.5 || box.width === 0 || box.right < 0) continue
      const cutter = cutterOf(element, box)
      found.push({
        text,
        element: nameOf(element),
        cutBy: cutter === null ? null : nameOf(cutter),
        hasTitle: element.closest('[title]') !== null,
      })
    }
    for (const element of document.querySelectorAll('[aria-label], [placeholder], :not(time)[title]')) {
      for (const name of ['aria-label', 'placeholder', 'title']) {
        const text = element.getAttribute(name) ?? ''
        if (text !== '' && element.closest('.hp-mono, code, pre') === null)
          found.push({ text, element: `${nameOf(element)}[${name}]`, cutBy: null, hasTitle: false })
      }
    }
    return found
  })
}
