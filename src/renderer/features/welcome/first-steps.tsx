import { ConnectStep } from './connect-step.tsx'
import { DocumentStep } from './document-step.tsx'
import { RequestStep } from './request-step.tsx'
import { ScriptStep } from './script-step.tsx'
import type { FirstRun } from './use-first-run.ts'
import styles from './welcome.module.css'

/** Four steps from an empty installation to a script that reads a document, done in any order. */
export function FirstSteps({ run: { sample, clients, isConnected, call, script } }: { run: FirstRun }) {
  if (sample === undefined || sample === null) return null
  return (
    <ol className={styles.steps}>
      <DocumentStep sample={sample} />
      <ConnectStep sample={sample} clients={clients} done={isConnected} />
      <RequestStep seen={call} />
      <ScriptStep key={`${sample.project}/${sample.document}`} sample={sample} seen={script} />
    </ol>
  )
}
