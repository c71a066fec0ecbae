import { Button, Group, TextInput } from '@mantine/core'
import { useState, type FormEvent, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { callErrorOf } from '../../lib/call-error.ts'

interface EditInPlaceProps {
  /** "Name". */
  label: string
  value: string
  maxLength: number
  /** "Edit name". */
  action: string
  editable: boolean
  /** What saving does beside the change. */
  renderEffect?: ((typed: string) => ReactNode) | undefined
  children?: ReactNode
  onSave: (value: string) => Promise<unknown>
}

/** A text with a button that puts a field in its place. */
export function EditInPlace({
  label,
  value,
  maxLength,
  action,
  editable,
  renderEffect,
  children,
  onSave,
}: EditInPlaceProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const change = (text: string | null): void => {
    setTyped(text)
    setProblem(null)
  }
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const text = (typed ?? '').trim()
    if (text === value) return change(null)
    try {
      await onSave(text)
      change(null)
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    }
  }
  if (typed === null || !editable)
    return (
      <Group gap="xs" wrap="nowrap">
        {children}
        {editable && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => change(value)} aria-label={action}>
            {value === '' ? action : t`Edit`}
          </Button>
        )}
      </Group>
    )
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <Group gap="xs" align="flex-start">
        <TextInput
          size="xs"
          w={320}
          aria-label={label}
          description={renderEffect?.(typed.trim())}
          inputWrapperOrder={['input', 'description', 'error']}
          value={typed}
          maxLength={maxLength}
          error={problem}
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && change(null)}
          // It takes the place of the button that was pressed.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
        />
        <Button data-writes size="compact-sm" type="submit" variant="default">{t`Save`}</Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => change(null)}>{t`Cancel`}</Button>
      </Group>
    </form>
  )
}
