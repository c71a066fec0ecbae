import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface Violation {
  id: string
  scheme: 'light' | 'dark'
  nodes: string[]
}

/** Returns what axe finds on the screen: by every rule in the light theme, and of the colors alone in the dark one. */
export async function violations(page: Page): Promise<Violation[]> {
  const light = await analyze(page, 'light')
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await analyze(page, 'dark', ['color-contrast'])
  await page.emulateMedia({ colorScheme: 'light' })
  return [...light, ...dark]
}

async function analyze(page: Page, scheme: 'light' | 'dark', rules?: string[]): Promise<Violation[]> {
  // Colors in transition would be measured halfway.
  await page.evaluate(`(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined)))
  })()`)
  // Its 600 kB are loaded once per page. No screen has frames, which would need it too.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(axe.source)
  const options: axe.RunOptions = { resultTypes: ['violations'], preload: false, ...(rules && { runOnly: rules }) }
  const found = await page.evaluate<Omit<Violation, 'scheme'>[]>(`(async () => {
    const { violations } = await axe.run(document, ${JSON.stringify(options)})
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 300) + ' ' + failureSummary),
    }))
  })()`)
  return found.map((violation) => ({ ...violation, scheme }))
}
