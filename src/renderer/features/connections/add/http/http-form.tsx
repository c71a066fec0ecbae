import { Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import type { OpenapiInspection } from '../../../../../contract/upstreams/http-connection.ts'
import { SecretChoice, type SecretChoiceField } from '../../secret-choice.tsx'
import { FormFoot } from '../form-foot.tsx'
import { formField } from '../../../../lib/field-labels.ts'
import {
  EMPTY_HTTP,
  HTTP_FIELDS,
  httpProblems,
  httpConfig,
  toRule,
  AUTH_METHODS,
  type HttpValues,
} from './http-values.ts'
import type { KindFormProps } from '../kind-form.ts'
import { NameInput } from '../name-input.tsx'
import { suggestHostName } from '../suggest-name.ts'
import { useNewConnection } from '../use-new-connection.ts'
import { OpenapiPicker } from './openapi-picker.tsx'
import { HttpFields } from './http-fields.tsx'

export function HttpForm({ project, onEdit, onBack, onDone, values: given }: KindFormProps<HttpValues>) {
  const secret = useRef<SecretChoiceField>(null)
  const { create, busy, problem } = useNewConnection('http', project, onDone)
  const form = useForm<HttpValues>({
    initialValues: { ...EMPTY_HTTP, ...given },
    validateInputOnChange: true,
    onValuesChange: onEdit,
    validate: httpProblems,
  })
  const { values } = form
  const auth = AUTH_METHODS[values.authMethod]
  const submit = async (given: typeof values): Promise<void> => {
    if (busy) return
    const key = values.authMethod === 'none' ? undefined : secret.current?.take()
    if (key === null) return
    await create({ name: given.name, config: httpConfig(given), secret: key }, (error) => {
      const field = formField(HTTP_FIELDS, error.field)
      if (field === null) return false
      if (field === 'secret' && secret.current !== null) secret.current.showError(error)
      else {
        const place = field === 'secret' ? 'authMethod' : field
        form.setFieldError(place, error.sentence)
        form.getInputNode(place)?.focus()
      }
      return true
    })
  }
  const suggestAddress = ({ servers }: OpenapiInspection): void => {
    const server = servers.find((one) => /^https?:/.test(one))
    if (values.url === '' && server !== undefined) form.setFieldValue('url', server)
  }
  const focusFirst = (errors: Record<string, unknown>): void => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus()
  return (
    <form onSubmit={(event) => form.onSubmit(submit, focusFirst)(event)} noValidate>
      <Stack gap="md">
        <HttpFields
          form={form}
          name={
            <NameInput
              input={form.getInputProps('name')}
              suggested={suggestHostName(values.url)}
              onSuggest={(name) => form.setFieldValue('name', name)}
            />
          }
          secret={<SecretChoice key={values.authMethod} ref={secret} label={auth.secret ?? ''} />}
          openapi={
            <OpenapiPicker
              rules={values.rules.filter(({ path }) => path.startsWith('/')).map(toRule)}
              pinned={values.pinned}
              error={typeof form.errors['openapi'] === 'string' ? form.errors['openapi'] : null}
              onChange={(openapi) => form.setFieldValue('openapi', openapi)}
              onInspected={suggestAddress}
            />
          }
        />
        <FormFoot problem={problem} busy={busy} action={t`Add connection`} busyAction={t`Testing…`} onBack={onBack} />
      </Stack>
    </form>
  )
}
