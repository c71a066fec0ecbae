import { useEffect, useRef } from 'react'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'

interface Lists {
  open: readonly AttentionItem[] | undefined
  snoozed: readonly AttentionItem[] | undefined
}

/** How long the item may take to be drawn once it is known. */
const MAX_WAIT_MS = 5000

/** Moves the focus to the item that a notification or the tray opened, once, when it is there. */
export function useShownItem(id: string | undefined, lists: Lists, setState: (state: keyof Lists) => void): void {
  const shown = useRef<string | undefined>(undefined)
  const list = (['open', 'snoozed'] as const).find((name) => lists[name]?.some((item) => item.id === id))
  useEffect(() => {
    if (id === undefined || list === undefined || shown.current === id) return
    setState(list)
    // The list takes the place of a skeleton, which stays for a moment.
    const until = performance.now() + MAX_WAIT_MS
    let frame = requestAnimationFrame(function look() {
      const row = document.querySelector<HTMLElement>(`[data-item="${CSS.escape(id)}"]`)
      if (row === null && performance.now() < until) {
        frame = requestAnimationFrame(look)
        return
      }
      shown.current = id
      row?.focus()
    })
    return () => cancelAnimationFrame(frame)
  }, [id, list, setState])
}
