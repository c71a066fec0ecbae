import { Input, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useImperativeHandle, useRef, useState, type Ref } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import type { OwnerApi } from '../../../contract/owner-api.ts'
import type { CallError } from '../../lib/call-error.ts'
import { SecretInput, type SecretField } from '../../ui/secret/secret-input.tsx'

export type GivenSecret = { value: string } | { ref: string }

export interface SecretChoiceField {
  /**
   * Returns the secret or reference and clears the field. Null if something is missing, which is shown at the field.
   * Undefined if no secret is wanted.
   */
  take(): GivenSecret | null | undefined
  /** Returns true, and shows an error at the field, if nothing was entered. Doesn't clear the field. */
  isMissing(): boolean
  /** Shows the engine's error at the field, and that the secret must be entered again. */
  showError(error: CallError): void
}

type Status = Pick<
  InferContractRouterOutputs<OwnerApi>['status'],
  'secret_store' | 'secret_store_kind' | 'secret_store_ok'
>
type SecretSource = 'typed' | 'env' | 'file' | 'none'
interface SecretChoiceProps {
  ref: Ref<SecretChoiceField>
  /** "API key" */
  label: string
  /** Label of the choice without a secret. Omit it to require one. */
  none?: string
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A secret that Hallpass stores, or a reference to one that is stored elsewhere. */
export function SecretChoice({ ref, label, none }: SecretChoiceProps) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const [source, setSource] = useState<SecretSource>('typed')
  const [reference, setReference] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [again, setAgain] = useState(false)
  const typed = useRef<SecretField>(null)
  const referred = useRef<HTMLInputElement>(null)

  const complain = (sentence: string): null => {
    setError(sentence)
    if (source === 'typed') typed.current?.focus()
    else referred.current?.focus()
    return null
  }
  const missing = (): string | null => {
    if (source === 'none') return null
    if (source === 'typed')
      return typed.current === null || typed.current.isEmpty() ? t`Enter the ${lowerCased(label)}.` : null
    return referenceProblem(source, reference)
  }
  useImperativeHandle(ref, () => ({
    isMissing() {
      const problem = missing()
      if (problem !== null) complain(problem)
      return problem !== null
    },
    take() {
      setError(null)
      setAgain(false)
      const problem = missing()
      if (problem !== null) return complain(problem)
      if (source === 'none') return undefined
      return source === 'typed' ? { value: typed.current?.take() ?? '' } : { ref: `${source}:${reference.trim()}` }
    },
    showError(error) {
      setAgain(source === 'typed')
      complain(error.sentence)
    },
  }))

  const choose = (value: string): void => {
    setSource(value as SecretSource)
    setReference('')
    setError(null)
    setAgain(false)
  }
  const shown = error === null ? undefined : again ? t`${error} Enter the secret again. It wasn't saved.` : error
  const goes = status === undefined ? null : storeHint(status)
  return (
    <Stack gap={6}>
      <Input.Label component="div">{label}</Input.Label>
      <SegmentedControl
        aria-label={t`Source of the ${lowerCased(label)}`}
        size="xs"
        value={source}
        onChange={choose}
        data={[
          { value: 'typed', label: t`Enter value` },
          { value: 'env', label: t`Environment variable` },
          { value: 'file', label: t`File` },
          ...(none === undefined ? [] : [{ value: 'none', label: t`None` }]),
        ]}
      />
      {source === 'typed' && (
        <SecretInput
          ref={typed}
          aria-label={label}
          error={shown}
          onInput={() => setError(null)}
          classNames={{ input: 'hp-mono' }}
          description={goes}
          inputWrapperOrder={['input', 'error', 'description']}
        />
      )}
      {(source === 'env' || source === 'file') && (
        <TextInput
          ref={referred}
          aria-label={source === 'env' ? t`Variable name` : t`File path`}
          classNames={{ input: 'hp-mono' }}
          spellCheck={false}
          autoComplete="off"
          placeholder={source === 'env' ? 'GRIST_API_KEY' : '/run/secrets/api-key'}
          value={reference}
          error={shown}
          onChange={(event) => {
            const next = event.currentTarget.value
            setReference(next)
            setError(next === '' ? null : referenceProblem(source, next))
          }}
          description={
            source === 'env'
              ? t`Read from Hallpass's environment at every use.`
              : t`Read at every use. Other users must not be able to write the file.`
          }
          inputWrapperOrder={['input', 'error', 'description']}
        />
      )}
      {source === 'none' && <Input.Description>{none}</Input.Description>}
    </Stack>
  )
}

/** Returns a label for the middle of a sentence. */
function lowerCased(label: string): string {
  return label.startsWith('API') ? label : label.charAt(0).toLowerCase() + label.slice(1)
}

const STORES = { keychain: t`Keychain`, vault: t`Vault file` } as const

/** Returns where the secret will be stored, or why it can't be stored. */
function storeHint({ secret_store, secret_store_kind: kind, secret_store_ok: ok }: Status): string {
  const instead = t`You can also use an environment variable or a file.`
  if (kind === 'none') return `${secret_store} ${instead}`
  if (ok) return t`Stored in the ${STORES[kind].toLowerCase()}. You can't view it again.`
  return t`${STORES[kind]} isn't responding. If it's locked, unlock it. ${instead}`
}

function referenceProblem(kind: 'env' | 'file', reference: string): string | null {
  const text = reference.trim()
  if (kind === 'env') return VARIABLE.test(text) ? null : t`Enter a variable name (letters, digits and _).`
  return text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text) ? null : t`Enter the full path of the file.`
}
