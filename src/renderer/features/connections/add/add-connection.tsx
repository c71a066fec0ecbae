import { Modal } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { KIND_LABELS } from '../connection-kinds.ts'
import { GristForm } from './grist-form.tsx'
import { HttpForm } from './http/http-form.tsx'
import { IncludeConnection } from './include-connection.tsx'
import { KindChoice } from './kind-choice.tsx'
import { McpForm } from './mcp/mcp-form.tsx'
import { SqliteForm } from './sqlite-form.tsx'

const FORMS = { grist: GristForm, sqlite: SqliteForm, http: HttpForm, mcp: McpForm } as const
export type AddableKind = keyof typeof FORMS

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

/** Rendered inside the dialog, so that it always opens at the first step. */
function Steps({ project, onClose }: { project: string; onClose: () => void }) {
  const [step, setStep] = useState<AddableKind | 'existing' | null>(null)
  const back = (): void => setStep(null)
  const Form = step === null || step === 'existing' ? null : FORMS[step]
  const title =
    step === null ? t`Add connection` : step === 'existing' ? t`Add existing connection` : KIND_LABELS[step].add
  return (
    <>
      <Modal.Header role="presentation">
        <Modal.Title>{title}</Modal.Title>
        <Modal.CloseButton aria-label={t`Close`} />
      </Modal.Header>
      <Modal.Body>
        {step === null && (
          <KindChoice project={project} kinds={Object.keys(FORMS) as AddableKind[]} onChoose={setStep} />
        )}
        {step === 'existing' && <IncludeConnection project={project} onBack={back} onDone={onClose} />}
        {Form !== null && <Form project={project} onBack={back} onDone={onClose} />}
      </Modal.Body>
    </>
  )
}
