import { TextInput, type TextInputProps } from '@mantine/core'
import { useEffect, useState, type ChangeEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'

interface NameInputProps {
  /** The form's properties for the field `name`. */
  input: TextInputProps
  suggested: string
  onSuggest: (name: string) => void
}

/** Follows the suggestion of the other fields until a name is typed. A form that begins with a name keeps it. */
export function NameInput({ input, suggested, onSuggest }: NameInputProps) {
  const [own, setOwn] = useState(typeof input.value === 'string' && input.value !== '')
  useEffect(() => {
    if (!own && suggested !== '') onSuggest(suggested)
    // oxlint-disable-next-line react/exhaustive-deps -- the form returns a new function on every render
  }, [own, suggested])
  const change = (event: ChangeEvent<HTMLInputElement>): void => {
    setOwn(event.currentTarget.value !== '')
    input.onChange?.(event)
  }
  return (
    <TextInput
      label={t`Name`}
      placeholder="sales"
      classNames={{ input: 'hp-mono' }}
      spellCheck={false}
      autoComplete="off"
      description={t`The name used in tokens and the log.`}
      {...input}
      onChange={change}
    />
  )
}
