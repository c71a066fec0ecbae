import { Group, NumberInput, Select, Stack, TextInput, Checkbox, Accordion } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef } from 'react'
import type { OpenapiInspection } from '../../../../../contract/upstreams/http-connection.ts'
import { SecretChoice, type SecretChoiceField } from '../../secret-choice.tsx'
import { FormFoot } from '../form-foot.tsx'
import { formField } from '../../../../lib/field-labels.ts'
import { EMPTY_HTTP, HTTP_FIELDS, httpProblems, httpConfig, toRule, AUTH_METHODS } from './http-values.ts'
import type { KindFormProps } from '../kind-form.ts'
import { NameInput } from '../name-input.tsx'
import { suggestHostName } from '../suggest-name.ts'
import { useNewConnection } from '../use-new-connection.ts'
import { OpenapiPicker } from './openapi-picker.tsx'
import { isPlainHttp, PLAIN_HTTP_LABEL } from '../plain-http.ts'
import { RuleRows } from './rule-rows.tsx'

const MONO = { classNames: { input: 'hp-mono' }, spellCheck: false, autoComplete: 'off' } as const

export function HttpForm({ project, onBack, onDone }: KindFormProps) {
  const secret = useRef<SecretChoiceField>(null)
  const { create, busy, problem } = useNewConnection('http', project, onDone)
  const form = useForm({ initialValues: EMPTY_HTTP, validateInputOnChange: true, validate: httpProblems })
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
        <TextInput
          label="Base URL"
          placeholder="https://api.example.com/v2"
          data-autofocus
          description="Requests can only go to this URL and paths below it."
          {...MONO}
          {...form.getInputProps('url')}
        />
        <NameInput
          input={form.getInputProps('name')}
          suggested={suggestHostName(values.url)}
          onSuggest={(name) => form.setFieldValue('name', name)}
        />
        <Select
          label="Authentication"
          data={Object.entries(AUTH_METHODS).map(([value, { label }]) => ({ value, label }))}
          allowDeselect={false}
          {...form.getInputProps('authMethod')}
        />
        {(values.authMethod === 'header' || values.authMethod === 'query') && (
          <Group grow align="flex-start">
            <TextInput
              label={values.authMethod === 'header' ? 'Header name' : 'Parameter name'}
              placeholder={values.authMethod === 'header' ? 'X-API-Key' : 'api_key'}
              {...MONO}
              {...form.getInputProps('authName')}
            />
            {values.authMethod === 'header' && (
              <TextInput
                label="Prefix"
                placeholder="Optional, for example Token"
                {...MONO}
                {...form.getInputProps('prefix')}
              />
            )}
          </Group>
        )}
        {values.authMethod === 'basic' && (
          <TextInput
            label="Username"
            placeholder="Optional if the secret is user:password"
            {...MONO}
            {...form.getInputProps('username')}
          />
        )}
        {values.authMethod === 'oauth' && (
          <>
            <TextInput
              label="Token URL"
              placeholder="https://auth.example.com/oauth/token"
              {...MONO}
              {...form.getInputProps('tokenUrl')}
            />
            <Group grow align="flex-start">
              <TextInput label="Client ID" {...MONO} {...form.getInputProps('clientId')} />
              <TextInput label="Scope" placeholder="none" {...MONO} {...form.getInputProps('scope')} />
            </Group>
          </>
        )}
        {auth.secret !== null && <SecretChoice key={values.authMethod} ref={secret} label={auth.secret} />}
        <OpenapiPicker
          rules={values.rules.filter(({ path }) => path.startsWith('/')).map(toRule)}
          pinned={values.pinned}
          error={typeof form.errors['openapi'] === 'string' ? form.errors['openapi'] : null}
          onChange={(openapi) => form.setFieldValue('openapi', openapi)}
          onInspected={suggestAddress}
        />
        <Accordion variant="default" chevronPosition="left">
          <Accordion.Item value="more">
            <Accordion.Control>Rules and limits</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="md">
                <RuleRows
                  rows={values.rules}
                  onChange={(rules) => form.setFieldValue('rules', rules)}
                  error={typeof form.errors.rules === 'string' ? form.errors.rules : null}
                />
                <TextInput
                  label="Test path"
                  placeholder="Optional"
                  description="Requested to test the connection."
                  {...MONO}
                  {...form.getInputProps('healthPath')}
                />
                <Group grow align="flex-start">
                  <NumberInput
                    label="Timeout (seconds)"
                    placeholder="default"
                    min={1}
                    max={3600}
                    allowDecimal={false}
                    {...form.getInputProps('timeout')}
                  />
                  <NumberInput
                    label="Concurrent requests"
                    placeholder="default"
                    min={1}
                    max={1024}
                    allowDecimal={false}
                    {...form.getInputProps('concurrency')}
                  />
                </Group>
                <Checkbox
                  label="Allow a host in a private network"
                  {...form.getInputProps('pinned', { type: 'checkbox' })}
                />
                <Checkbox
                  label="Use the system's proxy settings"
                  {...form.getInputProps('systemProxy', { type: 'checkbox' })}
                />
                <Checkbox
                  label="Allow encoded slashes (%2F) in paths"
                  {...form.getInputProps('encodedSlash', { type: 'checkbox' })}
                />
                <Checkbox
                  label="Allow parts of a file (Range)"
                  description="A part can contain half of the secret, which Hallpass then can't mask."
                  {...form.getInputProps('range', { type: 'checkbox' })}
                />
                {isPlainHttp(values.url) && auth.secret !== null && (
                  <Checkbox label={PLAIN_HTTP_LABEL} {...form.getInputProps('plainHttp', { type: 'checkbox' })} />
                )}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <FormFoot problem={problem} busy={busy} action="Add connection" busyAction="Testing…" onBack={onBack} />
      </Stack>
    </form>
  )
}
