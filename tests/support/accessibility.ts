import { AxeBuilder } from '@axe-core/playwright'
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
  // Colors that still change would be measured on their way.
  await page.evaluate(`(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined)))
  })()`)
  // No screen has frames, so axe needs no second page to put its findings together.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'], preload: false })
  const found = await (rules === undefined ? axe : axe.withRules(rules)).analyze()
  return found.violations.map(({ id, nodes }) => ({
    id,
    scheme,
    nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 300)} ${failureSummary ?? ''}`),
  }))
}
