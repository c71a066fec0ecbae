import { useFailure } from '../failure.tsx'
import { useSaved } from '../use-saved.tsx'

/** What the owner keeps by name, such as views of the log. Saving replaces what has the same name. */
interface NamedStore<Value extends { name: string }> {
  list(): Promise<Value[]>
  save(value: Value): Promise<unknown>
  delete(input: { name: string }): Promise<unknown>
}

interface ChangeTexts {
  saved(name: string): string
  deleted(name: string): string
}

/** Returns functions that save and delete by name. Both can be undone. */
export function useNamedChanges<Value extends { name: string }>(
  store: NamedStore<Value>,
  texts: ChangeTexts,
): {
  save(value: Value): Promise<void>
  remove(value: Value): void
} {
  const failure = useFailure()
  const said = useSaved()
  const find = async (name: string): Promise<Value | undefined> => (await store.list()).find((one) => one.name === name)
  const isStill = async (name: string, value: Value | undefined): Promise<boolean> =>
    JSON.stringify(await find(name)) === JSON.stringify(value)
  return {
    async save(value) {
      const { name } = value
      const former = await find(name)
      await store.save(value)
      const next = await find(name)
      const undo = () => (former === undefined ? store.delete({ name }) : store.save(former))
      said(undo, texts.saved(name), () => isStill(name, next))
    },
    remove(value) {
      const { name } = value
      store.delete({ name }).then(() => {
        said(
          () => store.save(value),
          texts.deleted(name),
          () => isStill(name, undefined),
        )
      }, failure)
    },
  }
}
