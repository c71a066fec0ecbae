import { Alert, Button, Group, Modal, Stack, Stepper, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Grant } from '../../../../contract/grants.ts'
import { tokenNameSchema } from '../../../../contract/names.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { GrantEditor } from './grant-editor.tsx'
import { accessSummary } from '../grant-summary.ts'
import { LifetimeChoice, lifetimeProblem, lifetimeText } from '../lifetime-choice.tsx'
import { CreatedToken, type NewToken } from './created-token.tsx'
import { TokenKindChoice } from './token-kind-choice.tsx'
import { useConnectionKinds } from '../use-connection-kinds.ts'

const LIFETIMES = [
  { value: '12h', label: '12 hours' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: 'never', label: 'No expiry' },
] as const
const RATE = /^([1-9]\d{0,9}\/[sm]|none)$/
const STEPS = 3

/** Asks for name, access and lifetime, then shows the secret once. `from` is a token whose settings are copied. */
export function CreateToken({
  project,
  from,
  onClose,
}: {
  project: string
  from: TokenRecord | null
  onClose: () => void
}) {
  const { query, owner } = useApi()
  const kindOf = useConnectionKinds(project)
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const { data: tokens } = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  const [step, setStep] = useState(0)
  const [name, setName] = useState('')
  const [nameTouched, setNameTouched] = useState(false)
  const [kind, setKind] = useState<'access' | 'local'>(from?.kind === 'local' ? 'local' : 'access')
  const [grants, setGrants] = useState<Grant[]>(from?.grants ?? [])
  const [lifetime, setLifetime] = useState({ choice: '30d', custom: '' })
  const [rate, setRate] = useState(from?.rate ?? '')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [created, setCreated] = useState<NewToken | null>(null)

  const nameProblem = nameProblemOf(name, tokens)
  const emptyList = grants.some((grant) => [grant.tables, grant.tools, grant.paths].some((list) => list?.length === 0))
  const rateProblem = rate === '' || RATE.test(rate) ? null : 'Enter a limit such as 100/s or 600/m, or none'
  const problems = [nameProblem, emptyList ? 'grants' : null, lifetimeProblem(lifetime) ?? rateProblem] as const
  const setGrant = (connection: string, grant: Grant | null): void => {
    setGrants((before) => [
      ...before.filter((one) => one.connection !== connection),
      ...(grant === null ? [] : [grant]),
    ])
  }

  const create = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const { token, secret } = await owner.tokens.create({
        project,
        name,
        kind,
        grants,
        ttl: lifetimeText(lifetime),
        ...(rate === '' ? {} : { rate }),
      })
      setCreated({ token, secret })
    } catch (thrown) {
      const { sentence, field } = callErrorOf(thrown)
      setProblem(sentence)
      if (field === 'name') setStep(0)
    } finally {
      setBusy(false)
    }
  }
  const next = (): void => {
    setNameTouched(true)
    if (problems[step] !== null) return
    if (step < STEPS - 1) setStep(step + 1)
    else void create()
  }

  if (created !== null)
    return <CreatedToken created={created} summary={accessSummary(grants, kindOf)} onClose={onClose} />
  return (
    <Modal opened onClose={onClose} size="lg" title={from === null ? 'New token' : `Duplicate ${from.name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          next()
        }}
        noValidate
      >
        <Stack gap="md">
          <Stepper
            active={step}
            size="xs"
            iconSize={26}
            onStepClick={(to) => {
              if (to < step) setStep(to)
            }}
          >
            <Stepper.Step label="Name">
              <Stack gap="md" mt="xs">
                <TextInput
                  label="Name"
                  description="Shown in the log. Use the name of the agent or person."
                  placeholder="report-agent"
                  data-autofocus
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                  onBlur={() => setNameTouched(true)}
                  error={nameTouched || name !== '' ? nameProblem : null}
                />
                <TokenKindChoice value={kind} onChange={setKind} />
              </Stack>
            </Stepper.Step>
            <Stepper.Step label="Access">
              <Stack gap="sm" mt="xs">
                {connections?.length === 0 && (
                  <Alert variant="light" color="gray">
                    This project has no connections yet, so the token would have no access. Add a connection first.
                  </Alert>
                )}
                {connections?.map((connection) => (
                  <GrantEditor
                    key={connection.name}
                    connection={connection}
                    grant={grants.find((one) => one.connection === connection.name) ?? null}
                    onChange={(grant) => setGrant(connection.name, grant)}
                  />
                ))}
                <Text size="sm" aria-live="polite">
                  {accessSummary(grants, kindOf)}
                </Text>
              </Stack>
            </Stepper.Step>
            <Stepper.Step label="Expiry">
              <Stack gap="md" mt="xs">
                <LifetimeChoice
                  label="Expires after"
                  options={LIFETIMES}
                  value={lifetime}
                  onChange={setLifetime}
                  problem={lifetimeProblem(lifetime)}
                />
                <TextInput
                  label="Rate limit"
                  description="Requests per second (s) or minute (m). Leave empty to use the default."
                  placeholder="600/m"
                  maw={320}
                  value={rate}
                  onChange={(event) => setRate(event.currentTarget.value.trim())}
                  error={rateProblem}
                />
                <Text size="sm">
                  <b>{name}</b>. {accessSummary(grants, kindOf)}
                </Text>
              </Stack>
            </Stepper.Step>
          </Stepper>
          {problem !== null && (
            <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
              {problem}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            {step > 0 && (
              <Button variant="default" mr="auto" onClick={() => setStep(step - 1)}>
                Back
              </Button>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={step > 0 && problems[step] !== null}>
              {step === STEPS - 1 ? 'Create token' : 'Next'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function nameProblemOf(name: string, tokens: readonly TokenRecord[] | undefined): string | null {
  if (name === '') return 'Enter a name'
  const parsed = tokenNameSchema.safeParse(name)
  if (!parsed.success) return `The name ${parsed.error.issues[0]?.message ?? 'is invalid'}`
  return tokens?.some((one) => one.name === name) === true ? 'A token with this name already exists' : null
}
