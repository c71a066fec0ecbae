import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { t } from '../../contract/text/translate.ts'
import { callErrorOf } from '../lib/call-error.ts'

const SHOWN_MS = 8000

type Undo = () => Promise<unknown>

/** Stacks in the order of their last changes. Ctrl/Cmd-Z undoes only in the last one. */
let order: object[] = []

/**
 * Returns a function that says "Saved" with a way to undo, which Ctrl/Cmd-Z does too while the screen is open. Undoing
 * sends the former value. If the record has changed since, the engine says so and nothing is undone.
 */
export function useSaved(): (undo: Undo, label?: string) => void {
  const [changes] = useState(createUndoStack)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const pressed = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey
      if (!pressed || isTyping(event.target) || event.defaultPrevented || order.at(-1) !== changes) return
      event.preventDefault()
      void changes.undo()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => {
      window.removeEventListener('keydown', onKeyDown)
      order = order.filter((one) => one !== changes)
    }
  }, [changes])
  return changes.saved
}

function createUndoStack() {
  let done: { id: string; undo: Undo }[] = []

  /** Undoes one change, the last by default. */
  async function undo(id = done.at(-1)?.id): Promise<void> {
    const change = done.find((one) => one.id === id)
    if (change === undefined) return
    done = done.filter((one) => one !== change)
    if (done.length === 0) order = order.filter((one) => one !== stack)
    notifications.hide(change.id)
    try {
      await change.undo()
      say({ message: t`Undone` })
    } catch (thrown) {
      say({ message: t`Nothing was undone. ${callErrorOf(thrown).sentence}`, color: 'red' })
    }
  }

  const stack = {
    undo: () => undo(),
    saved(undoChange: Undo, label = t`Saved`) {
      const id = crypto.randomUUID()
      done.push({ id, undo: undoChange })
      order = [...order.filter((one) => one !== stack), stack]
      say({ id, message: <SavedMessage label={label} onUndo={() => void undo(id)} /> })
    },
  }
  return stack
}

function SavedMessage({ label, onUndo }: { label: string; onUndo: () => void }) {
  return (
    <span style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 12 }}>
      {label}
      <Button size="compact-xs" variant="default" onClick={onUndo}>{t`Undo`}</Button>
    </span>
  )
}

function say(notification: Parameters<typeof notifications.show>[0]): void {
  notifications.show({
    autoClose: SHOWN_MS,
    color: 'gray',
    closeButtonProps: { 'aria-label': t`Close` },
    ...notification,
  })
}

/** Returns whether Ctrl/Cmd-Z would undo something now. */
export function canUndo(): boolean {
  return order.length > 0
}

/** Undoing while someone types belongs to the field. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'))
  )
}
