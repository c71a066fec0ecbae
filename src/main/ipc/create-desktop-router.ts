import { mapEventIterator, ORPCError } from '@orpc/client'
import { isContractProcedure } from '@orpc/contract'
import { implement, type AnyProcedure } from '@orpc/server'
import { desktopApi } from '../../contract/desktop-api.ts'
import { HallpassError, ownerErrorData, type OwnerErrorData } from '../../contract/errors.ts'
import { windowApi } from '../../contract/owner-api.ts'
import type { LinkedEngine } from '../engine/create-engine-link.ts'
import { refusalOf } from '../refusal.ts'
import { questionAbout, questionAboutSecret, questionAboutSettings, type Question } from './questions.ts'
import { followLink } from './follow-link.ts'
import { isIterator, limitCalls } from './limit-calls.ts'
import type { ShellActs } from './shell-acts.ts'

export interface RouterParts {
  engine: LinkedEngine
  shell: ShellActs
  /** Gets what is a bug, for the diagnostic output. */
  report(error: HallpassError): void
}

type Call = (input: unknown, options: { signal: AbortSignal | undefined }) => Promise<unknown>
interface Calls {
  [name: string]: Calls | Call
}

/** A screen has two streams and some calls; a person does not press more than this at once. */
const MOST_CALLS = 100

/** What a page may not do without the person's word in a dialog of the system. */
const QUESTIONS: ReadonlyMap<string, (input: never) => Question | null> = new Map<
  string,
  (input: never) => Question | null
>([
  ['connections.create', questionAbout],
  ['connections.replaceSecret', questionAboutSecret],
  ['settings.update', questionAboutSettings],
])

/** All that the window can call: every procedure of the contract and no other, inputs and outputs parsed by its schemas. */
export function createDesktopRouter({ engine, shell, report }: RouterParts) {
  const limited = limitCalls(MOST_CALLS)
  const os = implement(desktopApi).use(async ({ next }) => {
    try {
      return await next()
    } catch (thrown) {
      throw crossing(thrown, report)
    }
  })

  async function passOn(path: readonly string[], input: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const owner = (await engine.owner()) as unknown as Calls
    const call = path.reduce<Calls | Call>((calls, name) => (calls as Calls)[name] as Calls | Call, owner) as Call
    const output: unknown = await call(input, { signal })
    if (!isIterator(output)) return output
    return mapEventIterator(output, {
      value: async (value) => value,
      error: async (thrown) => crossing(thrown, report),
    })
  }

  async function ask(question: Question | null): Promise<void> {
    if (question === null || (await shell.confirm(question))) return
    throw new HallpassError(
      'APPROVAL_DENIED',
      'You said no in the dialog of Hallpass, so nothing was added or changed.',
    )
  }

  /** The procedures of the window's half of the owner API, each handed on as it is. */
  function passing(contract: object, implementer: object, path: readonly string[] = []): Passing {
    return Object.fromEntries(
      Object.entries(contract).map(([name, part]: [string, object]) => {
        const here = [...path, name]
        const own = (implementer as Record<string, unknown>)[name] as Handling
        if (!isContractProcedure(part)) return [name, passing(part, own, here)]
        const question = QUESTIONS.get(here.join('.'))
        return [
          name,
          own.handler(async ({ input, signal }) => {
            return limited(async () => {
              await ask(question?.(input as never) ?? null)
              return passOn(here, input, signal)
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

/** The code and sentence that cross to the page; never a cause or a stack. */
function crossing(thrown: unknown, report: (error: HallpassError) => void): ORPCError<string, OwnerErrorData> {
  const error = refusalOf(thrown)
  if (error.code === 'INTERNAL') report(error)
  return new ORPCError(error.code, { status: error.status, message: error.message, data: ownerErrorData(error) })
}
