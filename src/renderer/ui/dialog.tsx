import { Modal, type ModalProps } from '@mantine/core'
import { useLayoutEffect, useRef, useState } from 'react'

/**
 * A dialog that returns the focus to where it was, even if it is mounted open or unmounted while open. The library's own
 * dialog does so only when it is opened and closed while it is mounted.
 */
export function Dialog(props: ModalProps) {
  useFocusReturn(props.opened)
  // A header outside of an article is a landmark, and a page may have only one of that kind.
  return <Modal returnFocus={false} attributes={{ header: { role: 'presentation' } }} {...props} />
}

function useFocusReturn(opened: boolean): void {
  // Read during the render, because a menu that closes immediately is gone in the layout effect, and the focus with it.
  const [was, setWas] = useState(() => ({ opened, before: opened ? openerOf(document.activeElement) : null }))
  if (was.opened !== opened) setWas({ opened, before: opened ? openerOf(document.activeElement) : was.before })
  const { before } = was
  const returning = useRef<ReturnType<typeof setTimeout>>(undefined)
  useLayoutEffect(() => {
    if (!opened) return undefined
    clearTimeout(returning.current)
    return () => {
      // Runs after the dialog has closed, unless the focus was moved deliberately.
      returning.current = setTimeout(() => {
        const { activeElement: now } = document
        if (now === null || now === document.body || now.closest('[role=dialog]') !== null) before?.focus()
      })
    }
  }, [opened, before])
}

/** Returns the focused element, or the button of the menu that it is an item of, since menus close. */
function openerOf(focused: Element | null): HTMLElement | null {
  const menu = focused?.closest('[role=menu]')
  const button = document.getElementById(menu?.getAttribute('aria-labelledby') ?? '')
  return button ?? (focused instanceof HTMLElement && focused !== document.body ? focused : null)
}
