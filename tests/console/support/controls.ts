import type { Page } from 'playwright-core'

/** Names the controls that are not in sight when they have the focus. */
export async function controlsOutOfSight(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [
      ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, [tabindex="0"]'),
    ]
    const found: string[] = []
    for (const control of controls) {
      if (control.matches(':disabled, [tabindex="-1"], [aria-disabled=true]') || !control.checkVisibility()) continue
      control.focus()
      if (document.activeElement !== control) continue
      // A switch hides its input and draws what stands beside it.
      const isHidden =
        control.offsetWidth <= 2 || control.offsetHeight <= 2 || getComputedStyle(control).opacity === '0'
      const drawn = isHidden ? (control.parentElement ?? control) : control
      const box = drawn.getBoundingClientRect()
      const left = Math.max(0, box.left)
      const right = Math.min(innerWidth, box.right)
      const top = Math.max(0, box.top)
      const bottom = Math.min(innerHeight, box.bottom)
      const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      const isSeen = right - left >= 8 && bottom - top >= 8 && at !== null
      if (!isSeen || !(drawn.contains(at) || at.contains(drawn)))
        found.push(
          `${control.tagName.toLowerCase()} “${control.ariaLabel ?? control.textContent.trim().slice(0, 40)}” (${[left, top, right, bottom].map(Math.round).join(' ')}, ${at?.tagName} ${at?.className})`,
        )
    }
    return found
  })
}

/** Names the controls that Tab leads to from nowhere. */
export async function controlsWithoutTab(page: Page): Promise<string[]> {
  const count = await page.evaluate<number>(`(() => {
    window.tabbed = new Set()
    window.onfocusin = ({ target }) => window.tabbed.add(target)
    addEventListener('focusin', window.onfocusin)
    document.querySelector('a[href]').focus()
    return document.querySelectorAll('a[href], button, input, select, textarea, [tabindex]').length
  })()`)
  const wraps = () => page.evaluate<boolean>(`document.activeElement === document.body`)
  for (let presses = 0; presses < count + 2; presses += 1) {
    await page.keyboard.press('Tab')
    if (presses % 10 === 9 && (await wraps())) break
  }
  return page.evaluate(() => {
    const { tabbed, onfocusin } = globalThis as unknown as { tabbed: Set<Element>; onfocusin: EventListener }
    removeEventListener('focusin', onfocusin)
    const found: string[] = []
    for (const control of document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea')) {
      if (control.matches(':disabled, [aria-disabled=true]') || !control.checkVisibility()) continue
      // Arrows move inside of these, from the one that Tab leads to.
      const group = control.closest('[role=radiogroup], [role=tablist], [role=grid], [role=treegrid], [role=menu]')
      if (group !== null ? [...tabbed].some((one) => group.contains(one)) : tabbed.has(control)) continue
      if (control.tabIndex < 0) continue
      found.push(`${control.tagName.toLowerCase()} “${control.ariaLabel ?? control.textContent.trim().slice(0, 40)}”`)
    }
    return found
  })
}
