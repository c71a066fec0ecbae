import { Button, Group, Radio, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { KIND_LABELS } from '../connection-kinds.ts'

interface IncludeConnectionProps {
  project: string
  onBack: () => void
  onDone: () => void
}

export function IncludeConnection({ project, onBack, onDone }: IncludeConnectionProps) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const { data: all } = useQuery(query.connections.list.queryOptions({ input: {} }))
  const others = all?.filter(({ projects }) => !projects.includes(project)) ?? []
  const [name, setName] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const include = async (): Promise<void> => {
    if (name === null) {
      setProblem(t`Choose a connection.`)
      return
    }
    setBusy(true)
    try {
      await owner.connections.include({ name, project })
      await queries.invalidateQueries({ queryKey: query.connections.key() })
      onDone()
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void include()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Radio.Group label={t`Connection`} value={name} onChange={setName} error={problem}>
          <Stack gap="xs" mt="xs">
            {others.map((one, index) => (
              <Radio
                key={one.name}
                value={one.name}
                label={one.name}
                {...(index === 0 ? { 'data-autofocus': true } : {})}
                description={[
                  KIND_LABELS[one.kind].label,
                  one.target,
                  ...(one.projects.length === 0 ? [] : [t`in ${one.projects.join(', ')}`]),
                ].join(' · ')}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Text size="sm" c="dimmed">{t`Existing tokens don't get access to it.`}</Text>
        <Group justify="space-between">
          <Button variant="subtle" color="gray" onClick={onBack}>{t`Back`}</Button>
          <Button data-writes type="submit" loading={busy}>
            {t`Add to ${project}`}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
