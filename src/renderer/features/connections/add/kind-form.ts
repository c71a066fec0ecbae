import { t } from '../../../../contract/text/translate.ts'
import { nameSchema } from '../../../../contract/names.ts'

/** Properties of every kind's form. */
export interface KindFormProps<Values = never> {
  project: string
  /** What is filled in at first. */
  values?: Partial<Values>
  /** Called when a value changes, by whatever means: not every control sends the events of a field. */
  onEdit: () => void
  onBack: () => void
  onDone: () => void
}

export function nameProblem(name: string): string | null {
  const parsed = nameSchema.safeParse(name)
  return parsed.success ? null : t`The name ${parsed.error.issues[0]?.message ?? t`is invalid`}.`
}
