import { Collapse, Group, Radio, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { t } from '../../../../contract/text/translate.ts'
import type { BudgetUnit } from '../../../../contract/tokens/token-budget.ts'
import { BUDGET_LABELS } from '../page/tabs/limit-values.ts'
import { EXPIRIES, type TokenDraft } from './token-draft.ts'

interface FieldProps {
  draft: TokenDraft
  onChange: (change: Partial<TokenDraft>) => void
  problem: string | undefined
}

export function ExpiryField({ draft, onChange, problem }: FieldProps) {
  return (
    <Radio.Group label={t`Expires`} value={draft.expiry} onChange={(expiry) => onChange({ expiry })} error={problem}>
      <Group gap="md" mt={4}>
        {EXPIRIES.map(({ value, label }) => (
          <Radio key={value} value={value} label={label} />
        ))}
        {!EXPIRIES.some(({ value }) => value === draft.expiry) && (
          <Radio value={draft.expiry} label={t`After ${draft.expiry}`} />
        )}
        {draft.expiry === 'date' && (
          <TextInput
            type="date"
            size="xs"
            aria-label={t`Expiry date`}
            value={draft.date}
            onChange={(event) => onChange({ date: event.currentTarget.value })}
          />
        )}
      </Group>
    </Radio.Group>
  )
}

export function LimitFields({
  draft,
  onChange,
  problem,
  budgetProblem,
  open,
  onToggle,
}: FieldProps & { budgetProblem: string | undefined; open: boolean; onToggle: () => void }) {
  const { typed } = draft.budget
  const setUnit = (unit: BudgetUnit, text: string): void =>
    onChange({ budget: { ...draft.budget, typed: { ...typed, [unit]: text } } })
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <div>
      <UnstyledButton aria-expanded={open} onClick={onToggle} fz="sm">
        <Chevron size={14} aria-hidden /> {t`Limits`}
      </UnstyledButton>
      <Collapse expanded={open}>
        <TextInput
          mt={8}
          maw={320}
          label={t`Rate limit`}
          description={t`Requests per second or minute, such as 100/s or 600/m. Leave empty to use the default.`}
          value={draft.rate}
          onChange={(event) => onChange({ rate: event.currentTarget.value.trim() })}
          error={problem}
        />
        <Group gap="md" mt={8} align="flex-end">
          {BUDGET_LABELS.map(({ unit, label }) => (
            <TextInput
              key={unit}
              w={140}
              label={label}
              inputMode="decimal"
              value={typed[unit]}
              onChange={(event) => setUnit(unit, event.currentTarget.value)}
            />
          ))}
        </Group>
        {budgetProblem !== undefined && (
          <Text role="alert" size="xs" style={{ color: 'var(--hp-bad)' }}>
            {budgetProblem}
          </Text>
        )}
      </Collapse>
    </div>
  )
}
