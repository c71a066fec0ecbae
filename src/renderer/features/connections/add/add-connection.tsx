import { Modal } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { KIND_LABELS } from '../connection-kinds.ts'
import { CatalogChoice, CatalogHint } from './catalog/catalog-choice.tsx'
import type { CatalogEntry } from './catalog/catalog-entries.ts'
import { GristForm } from './grist-form.tsx'
import { HttpForm } from './http/http-form.tsx'
import { IncludeConnection } from './include-connection.tsx'
import { KindChoice } from './kind-choice.tsx'
import { McpForm } from './mcp/mcp-form.tsx'
import { SqliteForm } from './sqlite-form.tsx'

const FORMS = { grist: GristForm, sqlite: SqliteForm, http: HttpForm, mcp: McpForm } as const
type AddableKind = keyof typeof FORMS

interface AddConnectionProps {
  project: string
  opened: boolean
  onClose: () => void
  /** Called after the dialog has closed, because the button that opened it may no longer exist. */ onClosed: () => void
}

/** First asks for the kind of connection, then shows its form. Offers connections of other projects too. */
export function AddConnection({ project, opened, onClose, onClosed }: AddConnectionProps) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size="lg" centered returnFocus={false} onExitTransitionEnd={onClosed}>
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content>
        <Steps project={project} onClose={onClose} />
      </Modal.Content>
    </Modal.Root>
  )
}

type Step = AddableKind | 'existing' | 'catalog' | CatalogEntry | null

/** Rendered inside the dialog, so that it always opens at the first step. */
function Steps({ project, onClose }: { project: string; onClose: () => void }) {
  const [step, setStep] = useState<Step>(null)
  const back = (): void => setStep(null)
  return (
    <>
      <Modal.Header role="presentation">
        <Modal.Title>{titleOf(step)}</Modal.Title>
        <Modal.CloseButton aria-label={t`Close`} />
      </Modal.Header>
      <Modal.Body>
        <StepBody step={step} project={project} onStep={setStep} onBack={back} onDone={onClose} />
      </Modal.Body>
    </>
  )
}

function titleOf(step: Step): string {
  if (step === null) return t`Add connection`
  if (step === 'existing') return t`Add existing connection`
  if (step === 'catalog') return t`Catalog`
  return typeof step === 'object' ? t`Add ${step.name}` : KIND_LABELS[step].add
}

interface StepBodyProps {
  step: Step
  project: string
  onStep: (step: Step) => void
  onBack: () => void
  onDone: () => void
}

function StepBody({ step, project, onStep, onBack, onDone }: StepBodyProps) {
  if (step === null)
    return <KindChoice project={project} kinds={Object.keys(FORMS) as AddableKind[]} onChoose={onStep} />
  if (step === 'existing') return <IncludeConnection project={project} onBack={onBack} onDone={onDone} />
  if (step === 'catalog') return <CatalogChoice onChoose={onStep} onBack={onBack} />
  if (typeof step !== 'object') {
    const Form = FORMS[step]
    return <Form project={project} onBack={onBack} onDone={onDone} />
  }
  const { form } = step
  const common = { project, onDone, onBack: () => onStep('catalog') }
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
