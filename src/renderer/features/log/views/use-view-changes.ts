import type { LogView } from '../../../../contract/owner-api/views-api.ts'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { useFailure } from '../../../ui/failure.tsx'
import { useSaved } from '../../../ui/use-saved.tsx'

/** Saves and deletes views. Both can be undone. */
export function useViewChanges(): {
  save(view: LogView): Promise<void>
  remove(view: LogView): void
} {
  const { owner } = useApi()
  const failure = useFailure()
  const saved = useSaved()
  const isStill = async (name: string, view: LogView | undefined): Promise<boolean> => {
    const now = (await owner.views.list()).find((one) => one.name === name)
    return JSON.stringify(now) === JSON.stringify(view)
  }
  return {
    async save(view) {
      const { name } = view
      const former = (await owner.views.list()).find((one) => one.name === name)
      await owner.views.save(view)
      const next = (await owner.views.list()).find((one) => one.name === name)
      const undo = () => (former === undefined ? owner.views.delete({ name }) : owner.views.save(former))
      saved(undo, t`Saved view ${name}`, () => isStill(name, next))
    },
    remove(view) {
      const { name } = view
      owner.views.delete({ name }).then(() => {
        saved(
          () => owner.views.save(view),
          t`Deleted view ${name}`,
          () => isStill(name, undefined),
        )
      }, failure)
    },
  }
}
