import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { useSecretGuard } from '../../../ui/secret/use-secret-guard.tsx'
import { MintedSession } from './minted-session.tsx'
import { EMPTY_SESSION, SessionForm, type SessionDraft } from './session-form.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { shortId } from '../../../ui/copying/short-id.ts'

export interface Minted {
  id: string
  project: string
  document: string
  isDocument: boolean
  /** Null once it has expired. */
  token: string | null
  expiresAt: string
  proxyUrl: string
}

/** What a script gets and until when. Creates a session token for the owner in one of the projects and shows it once. */
export function MintSession({ projects, onClose }: { projects: readonly string[]; onClose: () => void }) {
  const [project = '', setProject] = useState(projects[0])
  const [draft, setDraft] = useState<SessionDraft>(EMPTY_SESSION)
  const [minted, setMinted] = useState<Minted | null>(null)
  const guard = useSecretGuard(minted?.token ?? null, minted?.expiresAt ?? null, onClose)
  if (minted === null)
    return (
      <Dialog opened onClose={onClose} title={t`New session token`} size={600}>
        {projects.length > 1 && (
          <NativeSelect
            mb="md"
            label={t`Project`}
            value={project}
            data={[...projects]}
            onChange={(event) => {
              setProject(event.currentTarget.value)
              setDraft(EMPTY_SESSION)
            }}
          />
        )}
        <SessionForm
          key={project}
          project={project}
          draft={draft}
          onChange={setDraft}
          onMinted={setMinted}
          onCancel={onClose}
        />
      </Dialog>
    )
  return (
    <Dialog
      opened
      onClose={guard.close}
      closeOnEscape={!guard.asking}
      size="lg"
      title={t`${shortId(minted.id)} is ready`}
    >
      <MintedSession
        minted={minted}
        draft={draft}
        onCopied={guard.onCopied}
        onExpired={() => setMinted({ ...minted, token: null })}
        onAgain={() => setMinted(null)}
        onDone={guard.close}
      />
      {guard.question}
    </Dialog>
  )
}
