import { Accordion, Checkbox, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { t } from '../../../../../contract/text/translate.ts'
import { MONO, type Form } from '../../../../lib/form.ts'
import type { ReactNode } from 'react'
import { isPlainHttp, PLAIN_HTTP_LABEL } from '../plain-http.ts'
import { AUTH_METHODS, type HttpValues } from './http-values.ts'
import { RuleRows } from './rule-rows.tsx'

interface HttpFieldsProps {
  form: Form<HttpValues>
  name: ReactNode
  /** Shown if the authentication needs one. */
  secret: ReactNode
  openapi?: ReactNode
}

/** Settings of an HTTP API, for adding and editing one. */
export function HttpFields({ form, name, secret, openapi }: HttpFieldsProps) {
  const { values } = form
  const auth = AUTH_METHODS[values.authMethod]
  return (
    <>
      <TextInput
        label={t`Base URL`}
        placeholder="https://api.example.com/v2"
        data-autofocus
        description={t`Requests can only go to this URL and paths below it.`}
        {...MONO}
        {...form.getInputProps('url')}
      />
      {name}
      <Select
        label={t`Authentication`}
        data={Object.entries(AUTH_METHODS).map(([value, { label }]) => ({ value, label }))}
        allowDeselect={false}
        {...form.getInputProps('authMethod')}
      />
      {(values.authMethod === 'header' || values.authMethod === 'query') && (
        <Group grow align="flex-start">
          <TextInput
            label={values.authMethod === 'header' ? t`Header name` : t`Parameter name`}
            placeholder={values.authMethod === 'header' ? 'X-API-Key' : 'api_key'}
            {...MONO}
            {...form.getInputProps('authName')}
          />
          {values.authMethod === 'header' && (
            <TextInput
              label={t`Prefix`}
              placeholder={t`Optional, for example Token`}
              {...MONO}
              {...form.getInputProps('prefix')}
            />
          )}
        </Group>
      )}
      {values.authMethod === 'basic' && (
        <TextInput
          label={t`Username`}
          placeholder={t`Optional if the secret is user:password`}
          {...MONO}
          {...form.getInputProps('username')}
        />
      )}
      {values.authMethod === 'oauth' && (
        <>
          <TextInput
            label={t`Token URL`}
            placeholder="https://auth.example.com/oauth/token"
            {...MONO}
            {...form.getInputProps('tokenUrl')}
          />
          <Group grow align="flex-start">
            <TextInput label={t`Client ID`} {...MONO} {...form.getInputProps('clientId')} />
            <TextInput label={t`Scope`} placeholder={t`none`} {...MONO} {...form.getInputProps('scope')} />
          </Group>
        </>
      )}
      {auth.secret !== null && secret}
      {openapi}
      <Accordion variant="default" chevronPosition="left">
        <Accordion.Item value="more">
          <Accordion.Control>{t`Rules and limits`}</Accordion.Control>
          <Accordion.Panel>
            <Stack gap="md">
              <RuleRows
                rows={values.rules}
                onChange={(rules) => form.setFieldValue('rules', rules)}
                error={typeof form.errors.rules === 'string' ? form.errors.rules : null}
              />
              <TextInput
                label={t`Test path`}
                placeholder={t`Optional`}
                description={t`Requested to test the connection.`}
                {...MONO}
                {...form.getInputProps('healthPath')}
              />
              <Group grow align="flex-start">
                <NumberInput
                  label={t`Timeout (seconds)`}
                  placeholder={t`default`}
                  min={1}
                  max={3600}
                  allowDecimal={false}
                  {...form.getInputProps('timeout')}
                />
                <NumberInput
                  label={t`Concurrent requests`}
                  placeholder={t`default`}
                  min={1}
                  max={1024}
                  allowDecimal={false}
                  {...form.getInputProps('concurrency')}
                />
              </Group>
              <Checkbox
                label={t`Allow a host in a private network`}
                {...form.getInputProps('pinned', { type: 'checkbox' })}
              />
              <Checkbox
                label={t`Use the system's proxy settings`}
                {...form.getInputProps('systemProxy', { type: 'checkbox' })}
              />
              <Checkbox
                label={t`Allow encoded slashes (%2F) in paths`}
                {...form.getInputProps('encodedSlash', { type: 'checkbox' })}
              />
              <Checkbox
                label={t`Allow parts of a file (Range)`}
                description={t`A part can contain half of the secret, which Hallpass then can't mask.`}
                {...form.getInputProps('range', { type: 'checkbox' })}
              />
              {isPlainHttp(values.url) && auth.secret !== null && (
                <Checkbox label={PLAIN_HTTP_LABEL} {...form.getInputProps('plainHttp', { type: 'checkbox' })} />
              )}
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  )
}
