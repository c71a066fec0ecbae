import type { CDPSession, Page } from 'playwright-core'
import { settle } from '../../support/keyboard.ts'

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** CPU time of the thread, in microseconds. */
  tdur?: number
  args: { name?: string }
}

export interface PageTasks {
  /** Waits for pending work, and returns the CPU time in milliseconds of the longest task of the page's main thread, and of all. */
  end(): Promise<{ longest: number; total: number }>
}

/** Records the tasks of the page's main thread. */
export async function recordTasks(page: Page): Promise<PageTasks> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline'] },
  })
  return {
    async end() {
      await settle(page)
      await stop(session)
      const mains = new Set(
        events
          .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
          .map(({ pid, tid }) => `${pid}/${tid}`),
      )
      const tasks = events
        .filter(({ name, pid, tid }) => name === 'RunTask' && mains.has(`${pid}/${tid}`))
        .map(({ tdur = 0 }) => tdur / 1000)
      if (tasks.length === 0) throw new Error('the trace has no tasks')
      return { longest: Math.max(...tasks), total: tasks.reduce((sum, task) => sum + task, 0) }
    },
  }
}

async function stop(session: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => {
    session.once('Tracing.tracingComplete', () => resolve())
  })
  await session.send('Tracing.end')
  await complete
  await session.detach()
}
