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

/** A typed setting: saved when the field is left or Enter is pressed; Escape takes back what was typed. */
export function TypedValue({ id, value, onSave, problem, mono = false, placeholder }: TypedValueProps) {
  // What was typed belongs to the value that it was typed over: once another is saved, that one shows.
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
