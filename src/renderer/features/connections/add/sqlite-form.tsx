import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconFile } from '@tabler/icons-react'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { formField } from '../../../lib/field-labels.ts'
import { useFailure } from '../../../ui/failure.tsx'
import { FormFoot } from './form-foot.tsx'
import type { KindFormProps } from './kind-form.ts'
import { nameProblem } from './kind-form.ts'
import { NameInput } from './name-input.tsx'
import { suggestFileName } from './suggest-name.ts'
import { useNewConnection } from './use-new-connection.ts'

const FIELDS = [
  ['name', 'name'],
  ['config.path', 'path'],
  ['config.create', 'path'],
] as const

export function SqliteForm({ project, onEdit, onBack, onDone }: KindFormProps) {
  const { shell } = useApi()
  const failure = useFailure()
  const { create, busy, problem } = useNewConnection('sqlite', project, onDone)
  const form = useForm({
    initialValues: { path: '', name: '', create: false },
    validateInputOnChange: true,
    onValuesChange: onEdit,
    validate: { path: pathProblem, name: nameProblem },
  })
  const submit = async ({ path, name, create: fresh }: typeof form.values): Promise<void> => {
    if (busy) return
    await create(
      { name, config: { kind: 'sqlite', path: path.trim(), ...(fresh ? { create: true } : {}) } },
      (error) => {
        const field = formField(FIELDS, error.field)
        if (field === null) return false
        form.setFieldError(field, error.sentence)
        form.getInputNode(field)?.focus()
        return true
      },
    )
  }
  const choose = async (): Promise<void> => {
    try {
      const { path } = (await shell?.chooseFile({ purpose: 'sqlite' })) ?? { path: null }
      if (path !== null) form.setFieldValue('path', path)
    } catch (thrown) {
      failure(thrown)
    }
  }
  const focusFirst = (errors: Record<string, unknown>): void => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus()
  return (
    <form onSubmit={(event) => form.onSubmit(submit, focusFirst)(event)} noValidate>
      <Stack gap="md">
        <Group gap="xs" align="flex-start" wrap="nowrap">
          <TextInput
            flex={1}
            label={t`File path`}
            placeholder="/home/you/books.sqlite"
            data-autofocus
            classNames={{ input: 'hp-mono' }}
            spellCheck={false}
            autoComplete="off"
            description={t`Full path on the computer where Hallpass runs.`}
            {...form.getInputProps('path')}
          />
          {shell !== null && (
            <Button
              variant="default"
              mt={46}
              leftSection={<IconFile size={16} />}
              onClick={() => void choose()}
            >{t`Choose…`}</Button>
          )}
        </Group>
        <Checkbox
          label={t`Create the file if it doesn't exist`}
          {...form.getInputProps('create', { type: 'checkbox' })}
        />
        <NameInput
          input={form.getInputProps('name')}
          suggested={suggestFileName(form.values.path)}
          onSuggest={(name) => form.setFieldValue('name', name)}
        />
        <FormFoot problem={problem} busy={busy} action={t`Add connection`} busyAction={t`Testing…`} onBack={onBack} />
      </Stack>
    </form>
  )
}

export function pathProblem(path: string): string | null {
  const text = path.trim()
  if (text === '') return t`Enter the path of a SQLite file.`
  if (text.startsWith('~')) return t`Use the full path instead of ~`
  return text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text) || text.startsWith('\\\\')
    ? null
    : t`Enter the full path, for example /home/you/books.sqlite.`
}
