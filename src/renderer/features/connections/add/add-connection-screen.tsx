import { useNavigate, useParams, useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { t } from '../../../../contract/text/translate.ts'
import { Page } from '../../../ui/page.tsx'
import { useLeaveGuard } from '../../../ui/editing/use-leave-guard.tsx'
import { KIND_LABELS } from '../connection-kinds.ts'
import styles from './add-connection-screen.module.css'
import { CatalogChoice, CatalogHint } from './catalog/catalog-choice.tsx'
import { CATALOG, type CatalogEntry } from './catalog/catalog-entries.ts'
import { GristForm } from './grist-form.tsx'
import { HttpForm } from './http/http-form.tsx'
import { IncludeConnection } from './include-connection.tsx'
import { KindChoice } from './kind-choice.tsx'
import { McpForm } from './mcp/mcp-form.tsx'
import { SqliteForm } from './sqlite-form.tsx'

const FORMS = { grist: GristForm, sqlite: SqliteForm, http: HttpForm, mcp: McpForm } as const
type AddableKind = keyof typeof FORMS
type Step = AddableKind | 'existing' | 'catalog' | CatalogEntry | null

/** First asks for the kind of connection, then shows its form, at an address of its own each. */
export function AddConnectionScreen() {
  const { project = '', step: address } = useParams({ strict: false })
  const step = stepAt(address)
  return (
    <Page title={titleOf(step)} hint={step === null ? t`What should agents and scripts reach?` : undefined}>
      <StepBody key={address} step={step} project={project} />
    </Page>
  )
}

function stepAt(address: string | undefined): Step {
  if (address === undefined) return null
  if (address === 'existing' || address === 'catalog') return address
  if (Object.hasOwn(FORMS, address)) return address as AddableKind
  return CATALOG.find(({ id }) => `catalog-${id}` === address) ?? null
}

function titleOf(step: Step): string {
  if (step === null) return t`Add connection`
  if (step === 'existing') return t`Add existing connection`
  if (step === 'catalog') return t`Catalog`
  return typeof step === 'object' ? t`Add ${step.name}` : KIND_LABELS[step].add
}

function StepBody({ step, project }: { step: Step; project: string }) {
  const navigate = useNavigate()
  const router = useRouter()
  const content = useRef<HTMLDivElement>(null)
  const [isChanged, setChanged] = useState(false)
  const guard = useLeaveGuard(isChanged)
  useEffect(() => content.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus(), [])
  const choose = (next: Step): void =>
    void navigate({
      to: '/projects/$project/connections/new/$step',
      params: { project, step: typeof next === 'object' ? `catalog-${next?.id}` : next },
      state: { isChosen: true },
    })
  const back = (): void => {
    // An address that was typed has no choice to go back to.
    if (router.state.location.state.isChosen === true) router.history.back()
    else void navigate({ to: '/projects/$project/connections/new', params: { project }, replace: true })
  }
  const done = (): void => {
    flushSync(() => setChanged(false))
    void navigate({ to: '/projects/$project/connections', params: { project }, state: { isAdded: true } })
  }
  const isForm = step !== null && step !== 'existing' && step !== 'catalog'
  return (
    // A secret isn't among a form's values.
    <div ref={content} className={styles.column} onInput={() => setChanged(isForm)}>
      {guard}
      {step === null && <KindChoice project={project} kinds={Object.keys(FORMS) as AddableKind[]} onChoose={choose} />}
      {step === 'existing' && <IncludeConnection project={project} onBack={back} onDone={done} />}
      {step === 'catalog' && <CatalogChoice onChoose={choose} onBack={back} />}
      {isForm && <StepForm step={step} project={project} onEdit={() => setChanged(true)} onBack={back} onDone={done} />}
    </div>
  )
}

interface StepFormProps {
  step: AddableKind | CatalogEntry
  project: string
  onEdit: () => void
  onBack: () => void
  onDone: () => void
}

function StepForm({ step, ...common }: StepFormProps) {
  if (typeof step !== 'object') {
    const Form = FORMS[step]
    return <Form {...common} />
  }
  const { form } = step
  return (
    <>
      <CatalogHint entry={step} />
      {form.kind === 'mcp' ? (
        <McpForm {...common} values={form.values} />
      ) : (
        <HttpForm {...common} values={form.values} />
      )}
    </>
  )
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Whether the page before is the choice that led here. */
    isChosen?: boolean
    /** Whether a connection was added, so that the next one is a key away. */
    isAdded?: boolean
  }
}
