import { Button, NativeSelect, Progress, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../../contract/records.ts'
import type { BudgetUnit } from '../../../../../contract/tokens/token-budget.ts'
import { useApi } from '../../../../lib/api.tsx'
import { callErrorOf, type CallError } from '../../../../lib/call-error.ts'
import { formatBytes, formatMoment, formatNumber } from '../../../../lib/format.ts'
import { useSaved } from '../../../../ui/use-saved.tsx'
import { BUDGET_LABELS, typedBudget, type LimitValues } from './limit-values.ts'
import type { LimitsDraft } from './use-limits-draft.ts'
import styles from './tabs.module.css'

const DAY_MS = 86_400_000

/** What limits the token: its rate, its budget of the day, and what its clients see. */
export function LimitsTab({ token, draft, editable }: { token: TokenRecord; draft: LimitsDraft; editable: boolean }) {
  const { owner } = useApi()
  const saved = useSaved()
  const { project, name, budget } = token
  const [problem, setProblem] = useState<CallError | null>(null)
  const { base, values, mode, isChanged } = draft
  const next = typedBudget(values, base.budget)
  const isAboutRate = problem?.field?.endsWith('rate') === true
  const reset = (): void => {
    draft.discard()
    setProblem(null)
  }
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (next.problems.length > 0) return
    const limits = { rate: values.rate === '' ? null : values.rate, budget: next.budget, mode }
    const former = { rate: base.rate, budget: base.budget, mode: base.mode }
    try {
      const update = await owner.tokens.update({ project, name, revision: base.revision, set: limits })
      reset()
      saved(() => owner.tokens.update({ project, name, revision: update.token.revision, set: former }))
    } catch (thrown) {
      setProblem(callErrorOf(thrown))
    }
  }
  const set = (part: keyof LimitValues) => (event: { currentTarget: { value: string } }) =>
    draft.change({ values: { ...values, [part]: event.currentTarget.value } })
  return (
    <form className={styles.limits} onSubmit={(event) => void save(event)}>
      <section aria-labelledby="limit-rate">
        <h2 id="limit-rate">{t`Rate limit`}</h2>
        <TextInput
          maw={320}
          label={t`Requests per second or minute`}
          description={t`Such as 100/s or 600/m, or none. Leave empty to use the default of the settings.`}
          value={values.rate}
          disabled={!editable}
          onChange={set('rate')}
          error={isAboutRate ? problem?.sentence : null}
        />
      </section>
      <section aria-labelledby="limit-budget">
        <h2 id="limit-budget">{t`Daily budget`}</h2>
        <p>{t`A day starts at midnight UTC, next at ${nextDay()}. Session tokens count too. Leave empty for no limit.`}</p>
        <div className={styles.units}>
          {BUDGET_LABELS.map(({ unit, label }) => (
            <div key={unit}>
              <TextInput
                mt={8}
                label={label}
                inputMode="decimal"
                value={values[unit]}
                disabled={!editable}
                onChange={set(unit)}
                error={next.problems.includes(unit) ? t`Enter a number above 0.` : null}
              />
              <Meter unit={unit} limit={budget?.[unit]} used={token.budget_used[unit]} />
            </div>
          ))}
        </div>
      </section>
      <section aria-labelledby="limit-approval">
        <h2 id="limit-approval">{t`Approval`}</h2>
        <p>{t`Requests that the permissions allow run without asking you.`}</p>
      </section>
      <section aria-labelledby="limit-clients">
        <h2 id="limit-clients">{t`What its clients see`}</h2>
        <NativeSelect
          maw={320}
          label={t`Tools`}
          value={mode ?? ''}
          disabled={!editable}
          data={[
            { value: '', label: t`As the project decides` },
            { value: 'all', label: t`All tools` },
            { value: 'search', label: t`Search mode: three tools that find the others` },
          ]}
          onChange={({ currentTarget: { value } }) =>
            draft.change({ mode: value === 'all' || value === 'search' ? value : null })
          }
        />
      </section>
      {problem !== null && !isAboutRate && <p role="alert">{problem.sentence}</p>}
      {isChanged && editable && (
        <div className={styles.headline}>
          <Button data-writes type="submit">{t`Save limits`}</Button>
          <Button variant="default" onClick={reset}>{t`Discard`}</Button>
        </div>
      )}
    </form>
  )
}

function Meter({ unit, limit, used }: { unit: BudgetUnit; limit: number | undefined; used: number }) {
  const text = (value: number): string => (unit === 'bytes' ? formatBytes(value) : formatNumber(value))
  if (limit === undefined) return <p className={styles.meter}>{t`${text(used)} used today`}</p>
  const percent = Math.min(100, (used / limit) * 100)
  const words = t`${text(used)} of ${text(limit)} used today`
  return (
    <div className={styles.meter}>
      <Progress.Root size="sm">
        <Progress.Section value={percent} aria-label={words} color={percent >= 80 ? 'yellow' : 'gray'} />
      </Progress.Root>
      {words}
    </div>
  )
}

function nextDay(): string {
  return formatMoment(new Date((Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS).toISOString())
}
