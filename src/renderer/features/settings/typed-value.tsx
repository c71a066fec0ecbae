import { TextInput } from '@mantine/core'
import { useState } from 'react'

interface TypedValueProps {
  id: string
  value: string
  onSave: (text: string) => void
  problem: string | null
  mono?: boolean
  placeholder?: string
}

/** A text setting. Leaving the field or pressing Enter saves it, Escape discards the change. */
export function TypedValue({ id, value, onSave, problem, mono = false, placeholder }: TypedValueProps) {
  // The draft belongs to the value it started from. When another value is saved, that one is shown.
  const [typed, setTyped] = useState({ over: value, text: value })
  const text = typed.over === value ? typed.text : value
  const setText = (next: string): void => setTyped({ over: value, text: next })
  const save = (): void => {
    if (text.trim() !== value || problem !== null) onSave(text.trim())
  }
  return (
    <TextInput
      id={id}
      w="100%"
      aria-describedby={`${id}-effect`}
      error={problem !== null}
      value={text}
      spellCheck={false}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(mono ? { className: 'hp-mono' } : {})}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save()
        if (event.key === 'Escape') setText(value)
      }}
    />
  )
}
