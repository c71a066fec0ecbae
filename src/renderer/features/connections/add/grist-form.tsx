import { Checkbox, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { HallpassError } from '../../../../contract/errors.ts'
import { parseGristAddress, type GristAddress } from '../../../../contract/upstreams/grist-address.ts'
import { SecretChoice, type SecretChoiceField } from '../secret-choice.tsx'
import { formField } from '../../../lib/field-labels.ts'
import { FormFoot } from './form-foot.tsx'
import styles from './form.module.css'
import type { KindFormProps } from './kind-form.ts'
import { nameProblem } from './kind-form.ts'
import { isPlainHttp, PLAIN_HTTP_LABEL } from './plain-http.ts'
import { NameInput } from './name-input.tsx'
import { suggestDocumentName } from './suggest-name.ts'
import { useNewConnection } from './use-new-connection.ts'

const FIELDS = [
  ['name', 'name'],
  ['secret', 'secret'],
  ['config.url', 'url'],
  ['config.doc', 'url'],
] as const

export function GristForm({ project, onEdit, onBack, onDone }: KindFormProps) {
  const secret = useRef<SecretChoiceField>(null)
  const { create, busy, problem } = useNewConnection('grist', project, onDone)
  const form = useForm({
    initialValues: { url: '', name: '', pin: false, plainHttp: false },
    validateInputOnChange: true,
    onValuesChange: onEdit,
    validate: {
      url: (url) => {
        const read = readAddress(url)
        return typeof read === 'string' ? read : null
      },
      name: nameProblem,
    },
  })
  const { url } = form.values
  const address = readAddress(url)
  const suggested = typeof address === 'string' ? '' : suggestDocumentName(url, address.doc)

  const submit = async ({ url: given, name, pin, plainHttp }: typeof form.values): Promise<void> => {
    if (busy) return
    const key = secret.current?.take()
    if (key === null) return
    const allowed = { ...(pin ? { pin } : {}), ...(plainHttp ? { plain_http: true } : {}) }
    await create({ name, config: { kind: 'grist', url: given.trim(), ...allowed }, secret: key }, (error) => {
      const field = formField(FIELDS, error.field)
      if (field === null) return false
      if (field === 'secret') secret.current?.showError(error)
      else {
        form.setFieldError(field, error.sentence)
        form.getInputNode(field)?.focus()
      }
      return true
    })
  }
  const focusFirst = (errors: Record<string, unknown>): void => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus()
  return (
    <form onSubmit={(event) => form.onSubmit(submit, focusFirst)(event)} noValidate>
      <Stack gap="md">
        <TextInput
          label={t`Document URL`}
          placeholder="https://docs.getgrist.com/sT4nd1nD0c/Orders"
          data-autofocus
          classNames={{ input: 'hp-mono' }}
          spellCheck={false}
          autoComplete="off"
          description={t`Copy it from your browser's address bar.`}
          {...form.getInputProps('url')}
        />
        <dl className={styles.read} aria-live="polite" aria-label={t`Detected from the URL`}>
          <div>
            <dt>{t`Server`}</dt>
            <dd>{typeof address === 'string' ? '—' : address.server}</dd>
          </div>
          <div>
            <dt>{t`Document`}</dt>
            <dd>{typeof address === 'string' ? '—' : address.doc}</dd>
          </div>
        </dl>
        <NameInput
          input={form.getInputProps('name')}
          suggested={suggested}
          onSuggest={(name) => form.setFieldValue('name', name)}
        />
        <SecretChoice ref={secret} label={t`API key`} none={t`Only public documents work without a key.`} />
        <Checkbox label={t`Allow a host in a private network`} {...form.getInputProps('pin', { type: 'checkbox' })} />
        {isPlainHttp(url) && (
          <Checkbox label={PLAIN_HTTP_LABEL} {...form.getInputProps('plainHttp', { type: 'checkbox' })} />
        )}
        <FormFoot problem={problem} busy={busy} action={t`Add connection`} busyAction={t`Testing…`} onBack={onBack} />
      </Stack>
    </form>
  )
}

/** Returns the parsed URL, or a sentence that says why it is invalid. */
function readAddress(url: string): GristAddress | string {
  try {
    return parseGristAddress(url)
  } catch (thrown) {
    if (!(thrown instanceof HallpassError)) throw thrown
    if (url.trim() === '') return t`Paste the document URL.`
    return thrown.message
  }
}
