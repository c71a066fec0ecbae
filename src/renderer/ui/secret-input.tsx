import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useImperativeHandle, useRef, type Ref } from 'react'

/** Takes the typed secret out of the field and empties it: afterwards no script of the page finds it anywhere. */
export interface SecretField {
  take(): string
  isEmpty(): boolean
  focus(): void
}

/**
 * Write-only. The text lives in the input alone, never in React's state, and leaves it once, when the form is sent.
 */
export function SecretInput({
  ref,
  ...input
}: Omit<PasswordInputProps, 'ref' | 'value' | 'defaultValue'> & { ref: Ref<SecretField> }) {
  const field = useRef<HTMLInputElement>(null)
  useImperativeHandle(
    ref,
    () => ({
      take() {
        const typed = field.current?.value ?? ''
        if (field.current !== null) field.current.value = ''
        return typed
      },
      isEmpty: () => (field.current?.value ?? '') === '',
      focus: () => field.current?.focus(),
    }),
    [],
  )
  return <PasswordInput {...input} ref={field} autoComplete="off" spellCheck={false} data-1p-ignore />
}
