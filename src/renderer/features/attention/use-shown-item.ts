import { useEffect, useRef } from 'react'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'

interface Lists {
  open: readonly AttentionItem[] | undefined
  snoozed: readonly AttentionItem[] | undefined
}

/** Moves the focus to the item that a notification or the tray opened, once, when it is there. */
export function useShownItem(id: string | undefined, lists: Lists, setState: (state: keyof Lists) => void): void {
  const shown = useRef<string | undefined>(undefined)
  const list = (['open', 'snoozed'] as const).find((name) => lists[name]?.some((item) => item.id === id))
  useEffect(() => {
    if (id === undefined || list === undefined || shown.current === id) return
    setState(list)
    // The list is drawn by the next frame.
    const frame = requestAnimationFrame(() => {
      shown.current = id
      document.querySelector<HTMLElement>(`[data-item="${CSS.escape(id)}"]`)?.focus()
    })
    return () => cancelAnimationFrame(frame)
  }, [id, list, setState])
}
