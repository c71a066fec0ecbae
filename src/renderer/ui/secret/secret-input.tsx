import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useImperativeHandle, useRef, type Ref } from 'react'

/** Returns the typed secret and clears the field, so that no script of the page can read it afterward. */
export interface SecretField {
  take(): string
  isEmpty(): boolean
  focus(): void
}

/** A write-only input. The text is never in React's state, and leaves the input once, when the form is submitted. */
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
