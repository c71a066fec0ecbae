/** A bug is written to stderr, without its message, which could hold what nobody may read; the app goes on, and no dialog stops it. */
export function onUncaughtException(): void {
  const report = (thrown: unknown): void => {
    const [, ...frames] = thrown instanceof Error ? (thrown.stack ?? '').split('\n    at ') : []
    console.error(
      `hallpass: internal error: ${thrown instanceof Error ? thrown.name : typeof thrown}\n    at ${frames.join('\n    at ')}`,
    )
  }
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
}
