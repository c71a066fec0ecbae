import { TextInput } from '@mantine/core'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useIsLost } from '../../lib/live.tsx'

interface TypedValueProps {
  id: string
  value: string
  onSave: (text: string) => void
  problem: string | null
  mono?: boolean
  placeholder?: string
}

/**
 * A text setting. Leaving the field or pressing Enter saves it, Escape discards the change. While the engine doesn't
 * answer, what was typed waits.
 */
export function TypedValue({ id, value, onSave, problem, mono = false, placeholder }: TypedValueProps) {
  // The draft belongs to the value it started from. When another value is saved, that one is shown.
  const [typed, setTyped] = useState({ over: value, text: value })
  const text = typed.over === value ? typed.text : value
  const isWaiting = useRef(false)
  const setText = (next: string): void => {
    isWaiting.current = false
    setTyped({ over: value, text: next })
  }
  const isLost = useIsLost()
  const field = useRef<HTMLInputElement>(null)
  const isChanged = text.trim() !== value
  const save = (): void => {
    isWaiting.current = isLost
    if (!isLost && (isChanged || problem !== null)) onSave(text.trim())
  }
  const saveWaiting = useEffectEvent(() => {
    if (isChanged && (isWaiting.current || document.activeElement !== field.current)) save()
  })
  useEffect(() => {
    if (!isLost) saveWaiting()
  }, [isLost])
  return (
    <TextInput
      ref={field}
      id={id}
      w="100%"
      aria-describedby={`${id}-effect`}
      error={problem !== null}
      description={isLost && isChanged ? t`Saved when Hallpass answers again.` : null}
      inputWrapperOrder={['input', 'description']}
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
