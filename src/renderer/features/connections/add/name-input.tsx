import { TextInput, type TextInputProps } from '@mantine/core'
import { useEffect, useState, type ChangeEvent } from 'react'

interface NameInputProps {
  /** What the form gives to its field `name`. */
  input: TextInputProps
  suggested: string
  onSuggest: (name: string) => void
}

/** Follows what the other fields suggest until someone types a name of their own. */
export function NameInput({ input, suggested, onSuggest }: NameInputProps) {
  const [own, setOwn] = useState(false)
  useEffect(() => {
    if (!own && suggested !== '') onSuggest(suggested)
    // oxlint-disable-next-line react/exhaustive-deps -- the form hands out a new function at every render
  }, [own, suggested])
  const change = (event: ChangeEvent<HTMLInputElement>): void => {
    setOwn(event.currentTarget.value !== '')
    input.onChange?.(event)
  }
  return (
    <TextInput
      label="Name"
      placeholder="sales"
      classNames={{ input: 'hp-mono' }}
      spellCheck={false}
      autoComplete="off"
      description="What tokens, agents and the log call it."
      {...input}
      onChange={change}
    />
  )
}
