import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { plural, t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { DependentsList } from '../../ui/dependents-list.tsx'

export function DeleteProject({ project, opened, onClose }: { project: string; opened: boolean; onClose: () => void }) {
  const { owner, query } = useApi()
  const navigate = useNavigate()
  const { data } = useQuery(
    query.projects.dependents.queryOptions({ input: { name: project }, enabled: opened, staleTime: 0 }),
  )
  const remove = async (): Promise<void> => {
    await owner.projects.delete({ name: project })
    await navigate({ to: '/welcome' })
    document.getElementById('main')?.focus()
  }
  return (
    <Confirm
      opened={opened}
      title={t`Delete ${project}`}
      action={t`Delete project`}
      typed={project}
      onConfirm={remove}
      onClose={onClose}
    >
      <Text mb="xs">{t`Permanently deletes the project and its tokens. Connections and the log are kept.`}</Text>
      {data !== undefined && (
        <DependentsList
          dependents={data}
          lost={(count) => t`${plural(count, '# token stops working', '# tokens stop working')}`}
        />
      )}
    </Confirm>
  )
}
