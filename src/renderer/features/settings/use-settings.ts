import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { settingsSchema, type Settings } from '../../../contract/settings.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { useSaved } from '../../ui/use-saved.tsx'

export interface SettingsForm {
  settings: Settings | undefined
  /** Saves one setting and leaves the others unchanged. An error is kept under its name. */
  save<K extends keyof Settings>(name: K, value: unknown): void
  problems: Partial<Record<keyof Settings, string>>
}

export function useSettings(): SettingsForm {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const saved = useSaved()
  const [problems, setProblems] = useState<SettingsForm['problems']>({})
  const { data: settings } = useQuery(query.settings.get.queryOptions())
  const update = useMutation(
    query.settings.update.mutationOptions({
      onSuccess: (stored) => queries.setQueryData(query.settings.get.queryKey(), stored),
    }),
  )
  const tell = (name: keyof Settings, problem: string | null): void => {
    setProblems(({ [name]: _before, ...others }) => (problem === null ? others : { ...others, [name]: problem }))
  }
  return {
    settings,
    problems,
    save(name, value) {
      const parsed = settingsSchema.shape[name].safeParse(value)
      if (!parsed.success) {
        tell(name, parsed.error.issues[0]?.message ?? t`Invalid value.`)
        return
      }
      tell(name, null)
      const failed = (thrown: unknown): void => tell(name, callErrorOf(thrown).sentence)
      const former = settings?.[name]
      const store = (): void => {
        update.mutateAsync({ [name]: parsed.data }).then((stored) => {
          saved(
            () => update.mutateAsync({ [name]: former }),
            t`Saved`,
            async () => isSame((await owner.settings.get())[name], stored[name]),
          )
        }, failed)
      }
      if (name !== 'port') return store()
      const port = Number(parsed.data)
      owner.settings.check({ port }).then(({ free, holder }) => {
        if (free) store()
        else tell('port', t`Port ${port} is used by ${holder ?? t`another program`}. Choose another port.`)
      }, failed)
    },
  }
}

/** Settings are texts, numbers, switches and lists of texts. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
