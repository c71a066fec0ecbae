import { t } from '../../../contract/text/translate.ts'
import type { RowLetter } from '../../ui/table/data-table.tsx'

/** Where G and a letter lead. Those of a project lead to the project that is open, or to the first. */
export const PLACES = {
  o: { label: t`Overview`, to: '/overview' },
  a: { label: t`Attention`, to: '/attention' },
  p: { label: t`Approvals`, to: '/approvals' },
  v: { label: t`Activity`, to: '/activity' },
  l: { label: t`Log`, to: '/log' },
  t: { label: t`Agents & tokens`, to: '/projects/$project/tokens' },
  c: { label: t`Connections`, to: '/projects/$project/connections' },
  s: { label: t`Settings`, to: '/settings' },
} as const satisfies Record<string, { label: string; to: string }>
export type PlaceKey = keyof typeof PLACES

export function isPlaceKey(key: string): key is PlaceKey {
  return Object.hasOwn(PLACES, key)
}

/** One shortcut of the list: keys pressed together, then those pressed after them. */
export interface KeyHelp {
  keys: readonly string[]
  label: string
}

/** What the screen offers to keys, as it is drawn now. */
interface ScreenOffers {
  search: HTMLElement | null
  create: HTMLElement | null
  rows: HTMLElement | null
  /** A list of items with actions. */
  items: HTMLElement | null
  /** Buttons that have a letter of their own. */
  letters: ReadonlyMap<string, HTMLElement>
  /** The button that reviews what isn't saved. */
  save: HTMLElement | null
  /** A table of checkboxes. */
  grid: HTMLElement | null
}

export function screenOffers(): ScreenOffers {
  const main = document.getElementById('main')
  return {
    search: main?.querySelector<HTMLElement>('[data-key="/"]') ?? null,
    create: main?.querySelector<HTMLElement>('[data-key="n"]') ?? null,
    rows: main?.querySelector<HTMLElement>('[role=grid], [role=treegrid]') ?? null,
    items: main?.querySelector<HTMLElement>('[data-items]') ?? null,
    letters: new Map(
      [...(main?.querySelectorAll<HTMLElement>('[data-letter]') ?? [])].map((one) => [
        one.dataset['letter'] ?? '',
        one,
      ]),
    ),
    save: main?.querySelector<HTMLElement>('[data-key="mod-s"]:enabled') ?? null,
    grid: main?.querySelector<HTMLElement>('[data-grid]') ?? null,
  }
}

/** Lists the keys that work on the screen now, and no others. */
export function keysThatWork(
  offers: ScreenOffers,
  { canUndo, hasProject, isLost, isMac }: { canUndo: boolean; hasProject: boolean; isLost: boolean; isMac: boolean },
): KeyHelp[] {
  const mod = isMac ? '⌘' : t`Ctrl`
  const places = Object.entries(PLACES)
    .filter(([, { to }]) => hasProject || !to.includes('$project'))
    .map(([key, { label }]) => ({ keys: ['G', key.toUpperCase()], label }))
  return [
    { keys: [mod, 'K'], label: t`Search or run a command` },
    ...(isLost ? [] : [{ keys: [mod, isMac ? '⇧' : t`Shift`, '.'], label: t`Pause or resume all access` }]),
    ...(canUndo ? [{ keys: [mod, 'Z'], label: t`Undo the last change` }] : []),
    { keys: ['?'], label: t`Keyboard shortcuts` },
    { keys: [t`Esc`], label: t`Close what is on top` },
    ...(offers.search === null ? [] : [{ keys: ['/'], label: t`Search on this screen` }]),
    ...(offers.create === null ? [] : [{ keys: ['N'], label: offers.create.textContent.trim() }]),
    ...[...offers.letters].map(([key, button]) => ({ keys: [key.toUpperCase()], label: nameOf(button) })),
    ...(offers.save === null ? [] : [{ keys: [mod, 'S'], label: t`Review the changes` }]),
    ...(offers.grid === null
      ? []
      : [
          { keys: ['→', '←'], label: t`Unfold or fold a connection, or next or previous box` },
          { keys: ['↓', '↑'], label: t`Next or previous row of the grid` },
          { keys: [t`Space`], label: t`Select or clear the box` },
        ]),
    ...(offers.items === null
      ? []
      : [
          { keys: ['↓', '↑'], label: t`Next or previous row` },
          { keys: ['J', 'K'], label: t`Next or previous row` },
          ...(offers.items.querySelector('[data-act]') === null
            ? []
            : [{ keys: [t`Enter`], label: t`Do what the item needs` }]),
          ...lettersOf(offers.items).map(({ key, label }) => ({ keys: [key.toUpperCase()], label })),
        ]),
    ...(offers.rows === null
      ? []
      : [
          { keys: ['↓', '↑'], label: t`Next or previous row` },
          { keys: ['J', 'K'], label: t`Next or previous row` },
          { keys: [t`Home`, t`End`], label: t`First or last row` },
          { keys: [t`Enter`], label: t`Open the row` },
          ...(offers.rows.querySelector('[role=row][data-name][aria-selected]') === null
            ? []
            : [{ keys: [t`Space`], label: t`Select the row` }]),
          ...lettersOf(offers.rows).map(({ key, label }) => ({ keys: [key.toUpperCase()], label })),
        ]),
    ...places,
  ]
}

function nameOf(button: HTMLElement): string {
  return button.getAttribute('aria-label') ?? button.textContent.trim()
}

function lettersOf(rows: HTMLElement): RowLetter[] {
  return JSON.parse(rows.dataset['letters'] ?? '[]') as RowLetter[]
}
