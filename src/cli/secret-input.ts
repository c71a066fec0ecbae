import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { isatty } from 'node:tty'
import { usageError } from './errors.ts'
import { standardInput } from './standard-input.ts'

export interface SecretFlags {
  secretStdin?: boolean
  secretRef?: string
}

/** The secret as the owner API takes it; undefined when none was given. What was typed is never repeated in an error. */
export async function readSecret(flags: SecretFlags): Promise<{ value: string } | { ref: string } | undefined> {
  if (flags.secretStdin === true && flags.secretRef !== undefined)
    throw usageError('Give --secret-stdin or --secret-ref, not both.')
  if (flags.secretRef !== undefined) return { ref: referenceOf(flags.secretRef) }
  if (flags.secretStdin !== true) return undefined
  if (isatty(0)) process.stderr.write('Paste the secret, then press Enter and Ctrl-D:\n')
  const value = (await text(standardInput())).replace(/\r?\n$/, '')
  if (value === '') throw usageError('--secret-stdin: nothing came on stdin.')
  return { value }
}

function referenceOf(given: string): string {
  if (given.startsWith('file:') && given.length > 5) return `file:${resolve(given.slice(5))}`
  if (given.startsWith('env:') && given.length > 4) return given
  throw usageError(
    '--secret-ref: must be env:NAME or file:PATH. A secret itself is never given as an argument: use --secret-stdin.',
  )
}
