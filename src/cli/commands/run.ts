import { constants } from 'node:os'
import { basename } from 'node:path'
import spawn from 'cross-spawn'
import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { VAULT_KEY_VARIABLES } from '../../engine/engine-options.ts'
import { fileOfTypedCommand } from '../../platform/find-program.ts'
import { withEngine } from '../with-engine.ts'
import { mintInput, noteReducedLifetime, requireResources, type SessionFlags } from './session.ts'

/**
 * Returns the signals to forward to the command. A terminal sends keyboard signals to the whole process group, so
 * forwarding them would deliver them twice. On Windows, the console notifies every attached program, and sending a
 * signal would end the command without time to clean up.
 */
export function forwardedSignals(platform: NodeJS.Platform, hasTerminal: boolean): NodeJS.Signals[] {
  if (platform === 'win32') return []
  return hasTerminal ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT']
}

/** Signals that don't end the wrapper, so that it can revoke the token after the command has ended. */
const SURVIVED = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGBREAK'] as const

/** Runs a command with a session token in its environment, revokes the token when the command exits, and exits with the command's exit code. */
export async function run(command: string[], flags: SessionFlags): Promise<void> {
  const input = mintInput(flags)
  const label = basename(command[0] ?? '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '')
    .slice(0, 63)
  await withEngine(async ({ api }) => {
    await requireResources(api, flags)
    const minted = await api.sessions.mint({ ...input, ...(/^[A-Za-z0-9]/.test(label) ? { label } : {}) })
    noteReducedLifetime(flags)
    const environment = { ...process.env }
    for (const name of VAULT_KEY_VARIABLES) delete environment[name]
    try {
      process.exitCode = await exitOf(command, {
        ...environment,
        HALLPASS_TOKEN: minted.token,
        HALLPASS_URL: minted.base_url,
        HALLPASS_PROXY_URL: minted.proxy_url,
      })
    } finally {
      await revokeToken(api, minted.session.id)
    }
  })
}

/** Keeps the command's exit code even if the token can't be revoked: it may have expired, or its engine may have stopped. */
async function revokeToken(api: OwnerClient, id: string): Promise<void> {
  try {
    await api.sessions.revoke({ id })
  } catch (thrown) {
    const expired = thrown instanceof HallpassError && thrown.code === 'INVALID_REQUEST'
    if (!expired)
      process.stderr.write(
        `hallpass: Couldn't revoke the session token: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
      )
  }
}

/** Resolves with the exit code that a shell would return: 127 not found, 126 not runnable, 128+n terminated by signal n. */
async function exitOf(command: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [program = '', ...args] = command
  const file = await fileOfTypedCommand(program, environment)
  return new Promise((resolve) => {
    // Not Node's own spawn, which starts no .cmd file: that needs arguments quoted for cmd.exe.
    const child = spawn(file, args, { stdio: 'inherit', env: environment })
    const forwarded = forwardedSignals(process.platform, process.stdin.isTTY)
    const forward = (signal: NodeJS.Signals): void => {
      if (forwarded.includes(signal)) child.kill(signal)
    }
    for (const signal of SURVIVED) process.on(signal, forward)
    const settle = (code: number): void => {
      for (const signal of SURVIVED) process.off(signal, forward)
      resolve(code)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT'
      process.stderr.write(`hallpass: Couldn't run ${program}: ${missing ? 'command not found' : error.message}\n`)
      settle(missing ? 127 : 126)
    })
    child.once('exit', (code, signal) => settle(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
}
