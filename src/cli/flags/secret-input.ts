import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { isatty } from 'node:tty'
import { usageError } from '../errors.ts'
import { standardInput } from '../standard-input.ts'

export interface SecretFlags {
  secretStdin?: boolean
  secretRef?: string
}

/** Returns the secret for the owner API, or undefined if there is none. Errors never quote what was entered. */
export async function readSecret(flags: SecretFlags): Promise<{ value: string } | { ref: string } | undefined> {
  if (flags.secretStdin === true && flags.secretRef !== undefined)
    throw usageError('Use either --secret-stdin or --secret-ref, not both.')
  if (flags.secretRef !== undefined) return { ref: referenceOf(flags.secretRef) }
  if (flags.secretStdin !== true) return undefined
  if (isatty(0)) process.stderr.write('Paste the secret, then press Enter and Ctrl-D:\n')
  const value = (await text(standardInput())).replace(/\r?\n$/, '')
  if (value === '') throw usageError('No secret was received on stdin.')
  return { value }
}

function referenceOf(given: string): string {
  if (given.startsWith('file:') && given.length > 5) return `file:${resolve(given.slice(5))}`
  if (given.startsWith('env:') && given.length > 4) return given
  throw usageError('--secret-ref must be env:NAME or file:PATH. To enter the secret itself, use --secret-stdin.')
}
