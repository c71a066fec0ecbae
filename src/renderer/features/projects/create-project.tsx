import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { zod4Resolver } from 'mantine-form-zod-resolver'
import { useState } from 'react'
import { z } from 'zod'
import { t } from '../../../contract/text/translate.ts'
import { nameSchema } from '../../../contract/names.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { Dialog } from '../../ui/dialog.tsx'

const schema = z.object({ name: nameSchema })

export function CreateProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { owner } = useApi()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const form = useForm({ initialValues: { name: '' }, validate: zod4Resolver(schema), validateInputOnChange: true })
  const close = (): void => {
    form.reset()
    onClose()
  }
  const create = async ({ name }: { name: string }): Promise<void> => {
    setBusy(true)
    try {
      await owner.projects.create({ name })
      close()
      await navigate({ to: '/projects/$project/connections', params: { project: name } })
    } catch (thrown) {
      form.setFieldError('name', callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog opened={opened} onClose={close} title={t`New project`}>
      <form onSubmit={form.onSubmit((values) => void create(values))} noValidate>
        <Stack gap="md">
          <Text
            size="sm"
            c="dimmed"
          >{t`A project groups connections with the tokens that can use them, and has its own log.`}</Text>
          <TextInput
            label={t`Name`}
            placeholder="sales"
            data-autofocus
            classNames={{ input: 'hp-mono' }}
            {...form.getInputProps('name')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>{t`Cancel`}</Button>
            <Button data-writes type="submit" loading={busy}>{t`Create project`}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
