import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState } from 'react'
import { useApi } from '../../lib/api.tsx'
import { useIsLost } from '../../lib/live.tsx'
import { isTyping, useCanUndo } from '../../ui/use-saved.tsx'
import { usePauseAll } from '../use-pause-all.ts'
import { isPlaceKey, keysThatWork, PLACES, screenOffers, type KeyHelp, type PlaceKey } from './screen-keys.ts'

/** Loads when it is first opened. */
const KeyList = lazy(async () => ({ default: (await import('./key-list.tsx')).KeyList }))

/** How long the second letter may take. */
const SEQUENCE_MS = 1500

/** The keys that work on every screen. Single letters do nothing in a field or below a dialog, and can be turned off. */
export function Keys() {
  const { query } = useApi()
  const navigate = useNavigate()
  const router = useRouter()
  const pauseAll = usePauseAll()
  const canUndo = useCanUndo()
  const { data: settings } = useQuery(query.settings.get.queryOptions())
  const { data: status } = useQuery(query.status.queryOptions())
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  // Fetched with the frame, so that Overview and the palette never show outdated data.
  useQuery(query.preferences.get.queryOptions())
  const [help, setHelp] = useState<readonly KeyHelp[] | null>(null)
  const goPressedAt = useRef(-Infinity)
  const isCalling = useRef(false)
  const queries = useQueryClient()
  const isLost = useIsLost()
  const isMac = navigator.userAgent.includes('Mac')

  function project(): string | undefined {
    const [, named] = /^\/projects\/([^/]+)/.exec(router.state.location.pathname) ?? []
    return named === undefined ? projects?.[0]?.name : decodeURIComponent(named)
  }

  function go(key: PlaceKey): void {
    const { to } = PLACES[key]
    const name = project()
    if (!to.includes('$project')) void navigate({ to })
    else if (name !== undefined) void navigate({ to, params: { project: name } })
  }

  function pressed(key: string, at: number): boolean {
    const isSecond = at - goPressedAt.current < SEQUENCE_MS
    goPressedAt.current = -Infinity
    if (isSecond && isPlaceKey(key)) {
      go(key)
      return true
    }
    const offers = screenOffers()
    if (key === 'g') goPressedAt.current = at
    else if (key === '?')
      setHelp(
        keysThatWork(offers, { canUndo: !isLost && canUndo(), hasProject: project() !== undefined, isLost, isMac }),
      )
    else if (key === '/' && offers.search !== null) offers.search.focus()
    else if (key === 'n' && offers.create !== null) offers.create.click()
    else if (offers.letters.has(key)) offers.letters.get(key)?.click()
    else return false
    return true
  }

  async function pauseOrResume(isPaused: boolean): Promise<void> {
    if (isCalling.current) return
    isCalling.current = true
    await pauseAll(!isPaused)
    // A second press must mean the opposite, also before the engine announces the change.
    await queries.refetchQueries({ queryKey: query.status.key() })
    isCalling.current = false
  }

  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape') return closeOpened(event)
    const isMod = isMac ? event.metaKey : event.ctrlKey
    if (isMod && event.shiftKey && !event.altKey && isPeriod(event)) {
      event.preventDefault()
      if (status !== undefined && !isLost && !event.repeat) void pauseOrResume(status.paused)
      return
    }
    // Reviews what isn't saved, also from a field. The browser would save the page instead.
    if (isMod && event.key.toLowerCase() === 's' && !event.shiftKey && !event.altKey) {
      const { save } = screenOffers()
      if (save === null || isBelowAnother()) return
      event.preventDefault()
      save.click()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
    const key = event.key.toLowerCase()
    if (settings?.single_keys === false) {
      // Rows have their own letters.
      if (/^\p{L}$/u.test(key)) event.stopPropagation()
      return
    }
    if (settings !== undefined && !isBelowAnother() && pressed(key, event.timeStamp)) {
      event.preventDefault()
      // The focused row must not take the letter too.
      event.stopPropagation()
    }
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKeyDown(event)
    // Before the rows, so that their letters can be turned off.
    window.addEventListener('keydown', listen, { capture: true })
    return () => window.removeEventListener('keydown', listen, { capture: true })
  }, [])
  return <Suspense fallback={null}>{help !== null && <KeyList keys={help} onClose={() => setHelp(null)} />}</Suspense>
}

/**
 * A menu or popover takes the focus a moment after it opened and hears no key before that, so Escape on the button that opened it
 * closes it. A dialog below stays open.
 */
function closeOpened(event: KeyboardEvent): void {
  const { activeElement } = document
  if (!(activeElement instanceof HTMLElement)) return
  if (!activeElement.matches('button[aria-haspopup][aria-expanded="true"]')) return
  event.preventDefault()
  event.stopImmediatePropagation()
  activeElement.click()
}

/** By place too, because Shift changes the sign. In Dvorak a Latin letter is in that place. */
function isPeriod({ key, code }: KeyboardEvent): boolean {
  if (key === '.') return true
  return code === 'Period' && !/^[a-z]$/i.test(key)
}

/**
 * Returns whether a dialog or an open list is above the screen. Closed lists stay in the page, hidden. The panel of a request
 * is beside the list, not above it.
 */
function isBelowAnother(): boolean {
  const layers = document.querySelectorAll('[role=dialog]:not(main *), [role=menu], [role=listbox]')
  return [...layers].some((layer) => layer.checkVisibility())
}
