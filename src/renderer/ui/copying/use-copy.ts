import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { showFailure, useFailure } from '../failure.tsx'

/**
 * Returns a function that copies a text and resolves with whether it did. The desktop app clears a token from the
 * clipboard when it expires.
 */
export function useCopy(): (text: string, expiresAt?: string | null) => Promise<boolean> {
  const { shell } = useApi()
  const failure = useFailure()
  return async (text, expiresAt = null) => {
    try {
      // The window has no clipboard permission, so the shell copies.
      if (shell !== null) await shell.copyToken({ token: text, expires_at: expiresAt })
      else if (!(await browserCopied(text))) {
        showFailure(t`Your browser blocked copying. Select the text and copy it manually.`)
        return false
      }
      return true
    } catch (thrown) {
      failure(thrown)
      return false
    }
  }
}

/** How long it is said that something was copied. */
const COPIED_MS = 2000

/** Like `useCopy`. Also returns whether something was copied in the last two seconds. */
export function useCopied(): [copied: boolean, copy: (text: string, expiresAt?: string | null) => Promise<boolean>] {
  const copyText = useCopy()
  const [copied, setCopied] = useState(false)
  const copy = async (text: string, expiresAt?: string | null): Promise<boolean> => {
    if (!(await copyText(text, expiresAt))) return false
    setCopied(true)
    setTimeout(() => setCopied(false), COPIED_MS)
    return true
  }
  return [copied, copy]
}

/**
 * Resolves with false if the browser offers no clipboard, for example on an insecure origin, or the user denied access.
 */
async function browserCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
