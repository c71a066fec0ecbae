import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useLocation, useRouter } from '@tanstack/react-router'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import { t } from '../../contract/text/translate.ts'
import { callErrorOf } from '../lib/call-error.ts'
import { useIsLost } from '../lib/live.tsx'

const SHOWN_MS = 8000
/** More would wait until another one is gone, and then offer to undo what is long done. */
const MAX_SHOWN = 3

/** Sends the former value. */
type Undo = () => Promise<unknown>

interface Change {
  id: string
  isUndone: boolean
  /** Path of the screen where it was made. */
  screen: string
  undo: Undo
  isUnchanged: () => Promise<boolean>
}

type UndoStack = ReturnType<typeof createUndoStack>

const UndoContext = createContext<UndoStack | null>(null)

/** Keeps what can be undone while its screen is open, also after a dialog or a strip that it was done in has closed. */
export function UndoProvider({ children }: { children: ReactNode }) {
  const router = useRouter()
  const { pathname } = useLocation()
  const isLost = useIsLost()
  const [stack] = useState(() => createUndoStack(() => router.state.location.pathname))
  useEffect(() => stack.leaveOthers(pathname), [stack, pathname])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const pressed = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey
      if (!pressed || hasOwnUndo(event.target) || event.defaultPrevented || isLost || !stack.canUndo()) return
      event.preventDefault()
      void stack.undo()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [stack, isLost])
  return <UndoContext value={stack}>{children}</UndoContext>
}

/** Returns whether Ctrl/Cmd-Z would undo something now. */
export function useCanUndo(): () => boolean {
  return useStack().canUndo
}

/**
 * Returns a function that says "Saved" with a way to undo, which Ctrl/Cmd-Z does too while the screen is open. Undoing
 * sends the former value. If the record has changed since, the engine says so and nothing is undone. For a record
 * without a revision, `isUnchanged` compares it first.
 */
export function useSaved(): (undo: Undo, label?: string, isUnchanged?: () => Promise<boolean>) => void {
  return useStack().saved
}

function useStack(): UndoStack {
  const stack = use(UndoContext)
  if (stack === null) throw new Error('useSaved is called outside of UndoProvider.')
  return stack
}

function createUndoStack(screen: () => string) {
  let changes: readonly Change[] = []
  let shown: readonly string[] = []

  function say(message: ReactNode, { id = newId(), color = 'gray' } = {}): void {
    for (const oldest of shown.slice(0, -MAX_SHOWN + 1)) notifications.hide(oldest)
    shown = [...shown, id].slice(-MAX_SHOWN)
    notifications.show({ id, message, color, autoClose: SHOWN_MS, closeButtonProps: { 'aria-label': t`Close` } })
  }

  const last = (): Change | undefined => changes.findLast((change) => change.screen === screen())

  async function undo(change = last()): Promise<void> {
    if (change === undefined || change.isUndone) return
    change.isUndone = true
    changes = changes.filter((one) => one !== change)
    notifications.hide(change.id)
    try {
      if (!(await change.isUnchanged())) return say(t`Nothing was undone. It changed again since.`, { color: 'red' })
      await change.undo()
      say(t`Undone`)
    } catch (thrown) {
      say(t`Nothing was undone. ${callErrorOf(thrown).sentence}`, { color: 'red' })
    }
  }

  return {
    undo: () => undo(),
    canUndo: () => last() !== undefined,
    leaveOthers(path: string): void {
      changes = changes.filter((change) => change.screen === path)
    },
    saved(undoChange: Undo, label = t`Saved`, isUnchanged = () => Promise.resolve(true)): void {
      const change: Change = { id: newId(), isUndone: false, screen: screen(), undo: undoChange, isUnchanged }
      changes = [...changes, change]
      // Its button works as long as it is shown, on whatever screen.
      say(<SavedMessage label={label} onUndo={() => void undo(change)} />, { id: change.id })
    },
  }
}

/** The console can be served where crypto.randomUUID is missing. */
function newId(): string {
  return `saved-${Math.random()}`
}

function SavedMessage({ label, onUndo }: { label: string; onUndo: () => void }) {
  return (
    <span style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 12 }}>
      {label}
      <Button data-writes size="compact-xs" variant="default" onClick={onUndo}>{t`Undo`}</Button>
    </span>
  )
}

/** Single letters while someone types belong to the field. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    hasOwnUndo(target) ||
    (target instanceof HTMLElement && target.matches('select, input:not([type=checkbox]):not([type=radio])'))
  )
}

/** Undoing in a field that takes text belongs to the field. */
function hasOwnUndo(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type=checkbox]):not([type=radio]):not([readonly]), textarea'))
  )
}
