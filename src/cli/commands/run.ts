import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { withEngine } from '../with-engine.ts'
import { mintInput, type SessionFlags } from './session.ts'

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const

/** Runs a command with a session token in its environment; the token ends with the command, whose exit code is passed on. */
export async function run(command: string[], flags: SessionFlags): Promise<void> {
  const input = mintInput(flags)
  const label = basename(command[0] ?? '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '')
    .slice(0, 63)
  await withEngine(async ({ api }) => {
    const minted = await api.sessions.mint({ ...input, ...(/^[A-Za-z0-9]/.test(label) ? { label } : {}) })
    const { HALLPASS_VAULT_KEY: _vaultKey, ...environment } = process.env
    try {
      process.exitCode = await exitOf(command, {
        ...environment,
        HALLPASS_TOKEN: minted.token,
        HALLPASS_URL: minted.base_url,
        HALLPASS_PROXY_URL: minted.proxy_url,
      })
    } finally {
      await endToken(api, minted.session.id)
    }
  })
}

/** The command's exit code stands, whatever becomes of its token: that may be over already, or its engine gone and the token with it. */
async function endToken(api: OwnerClient, id: string): Promise<void> {
  try {
    await api.sessions.revoke({ id })
  } catch (thrown) {
    const over = thrown instanceof HallpassError && thrown.code === 'INVALID_REQUEST'
    if (!over)
      process.stderr.write(
        `hallpass: the session token could not be ended: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
      )
  }
}

/** Exit codes as a shell gives them: 127 not found, 126 not runnable, 128+n ended by signal n. */
function exitOf(command: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [program = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', env: environment })
    const forward = (signal: NodeJS.Signals): void => {
      // Keys pressed in a terminal reach the whole process group: sent on, they would count twice.
      if ((signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY) return
      child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const settle = (code: number): void => {
      for (const signal of FORWARDED) process.off(signal, forward)
      resolve(code)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT'
      process.stderr.write(`hallpass: could not run ${program}: ${missing ? 'not found' : error.message}\n`)
      settle(missing ? 127 : 126)
    })
    child.once('exit', (code, signal) => settle(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
}
