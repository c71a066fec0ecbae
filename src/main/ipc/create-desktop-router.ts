import type { OwnerClient } from '../../control/control-client.ts'
import { mapEventIterator, ORPCError } from '@orpc/client'
import { describeInvalidInput } from '../../contract/input-messages.ts'
import { isContractProcedure } from '@orpc/contract'
import { implement, type AnyProcedure } from '@orpc/server'
import { desktopApi } from '../../contract/desktop/desktop-api.ts'
import { HallpassError, ownerErrorData, type OwnerErrorData } from '../../contract/errors.ts'
import { windowApi } from '../../contract/owner-api.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'
import { toHallpassError } from '../to-hallpass-error.ts'
import { confirmLocalToken, confirmTokenUpdate } from './token-confirmations.ts'
import {
  confirmConnection,
  confirmConnectionUpdate,
  confirmSecret,
  confirmSettings,
  type Confirmation,
} from './confirmations.ts'
import { followLink } from './follow-link.ts'
import { isIterator, limitCalls } from './limit-calls.ts'
import type { ShellActions } from './shell-actions.ts'

interface RouterParts {
  engine: LinkedEngine
  shell: ShellActions
  /** Receives bugs, for the diagnostic output. */
  report(error: HallpassError): void
}

type Call = (input: unknown, options: { signal: AbortSignal | undefined }) => Promise<unknown>
interface Calls {
  [name: string]: Calls | Call
}

/** A screen has two streams and a few calls, so legitimate use never reaches this. */
const MAX_CALLS = 100

/** Procedures that need the owner's confirmation in a system dialog. */
type Confirm = (input: never, owner: OwnerClient) => Confirmation | null | Promise<Confirmation | null>
const CONFIRMATIONS: ReadonlyMap<string, Confirm> = new Map<string, Confirm>([
  ['connections.create', confirmConnection],
  ['connections.update', confirmConnectionUpdate],
  ['connections.replaceSecret', confirmSecret],
  ['settings.update', confirmSettings],
  ['tokens.create', confirmLocalToken],
  ['tokens.update', confirmTokenUpdate],
])

/** Returns everything the window can call: the contract's procedures only, with inputs and outputs parsed by its schemas. */
export function createDesktopRouter({ engine, shell, report }: RouterParts) {
  describeInvalidInput()
  const limited = limitCalls(MAX_CALLS)
  const os = implement(desktopApi).use(async ({ next }) => {
    try {
      return await next()
    } catch (thrown) {
      throw crossing(thrown, report)
    }
  })

  async function forward(path: readonly string[], input: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const owner = (await engine.owner()) as unknown as Calls
    const call = path.reduce<Calls | Call>((calls, name) => (calls as Calls)[name] as Calls | Call, owner) as Call
    const output: unknown = await call(input, { signal })
    if (!isIterator(output)) return output
    return mapEventIterator(output, {
      value: async (value) => value,
      error: async (thrown) => crossing(thrown, report),
    })
  }

  async function ask(confirmation: Confirmation | null): Promise<void> {
    if (confirmation === null || (await shell.confirm(confirmation))) return
    throw new HallpassError('APPROVAL_DENIED', 'Canceled. Nothing was changed.')
  }

  /** Returns the window's half of the owner API, each procedure passed through unchanged. */
  function passing(contract: object, implementer: object, path: readonly string[] = []): Passing {
    return Object.fromEntries(
      Object.entries(contract).map(([name, part]: [string, object]) => {
        const here = [...path, name]
        const own = (implementer as Record<string, unknown>)[name] as Handling
        if (!isContractProcedure(part)) return [name, passing(part, own, here)]
        const confirmation = CONFIRMATIONS.get(here.join('.'))
        return [
          name,
          own.handler(async ({ input, signal }) => {
            return limited(async () => {
              if (confirmation !== undefined) await ask(await confirmation(input as never, await engine.owner()))
              return forward(here, input, signal)
            }, signal)
          }),
        ]
      }),
    )
  }

  return {
    owner: passing(windowApi, os.owner),
    shell: {
      info: os.shell.info.handler(() => shell.info()),
      setOpenAtLogin: os.shell.setOpenAtLogin.handler(({ input }) => shell.setOpenAtLogin(input.open_at_login)),
      link: {
        follow: os.shell.link.follow.handler(({ signal }) => limited(async () => followLink(engine, signal), signal)),
        retry: os.shell.link.retry.handler(() => {
          engine.retry()
          return {}
        }),
      },
      chooseFile: os.shell.chooseFile.handler(({ input }) => shell.chooseFile(input.purpose)),
      copyToken: os.shell.copyToken.handler(({ input }) => shell.copyToken(input)),
      openSignIn: os.shell.openSignIn.handler(async ({ input }) => {
        const owner = await engine.owner()
        const { authorize_url: url, expires_at } = await owner.connections.signIn({ name: input.name })
        await shell.openSignIn(url)
        return { expires_at }
      }),
      openLink: os.shell.openLink.handler(({ input }) => shell.openLink(input.url)),
    },
  }
}

export type DesktopRouter = ReturnType<typeof createDesktopRouter>

interface Handling {
  handler(handle: (call: { input: unknown; signal?: AbortSignal }) => unknown): AnyProcedure
}
interface Passing {
  [name: string]: Passing | AnyProcedure
}

/** Returns the error's code and sentence for the page, never a cause or a stack trace. */
function crossing(thrown: unknown, report: (error: HallpassError) => void): ORPCError<string, OwnerErrorData> {
  const error = toHallpassError(thrown)
  if (error.code === 'INTERNAL') report(error)
  return new ORPCError(error.code, { status: error.status, message: error.message, data: ownerErrorData(error) })
}
