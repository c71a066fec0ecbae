import { appendFileSync } from 'node:fs'
import type { Reporter, TestCase } from 'vitest/node'

/** Writes the tests that passed only when they were retried to `RETRIED_TESTS`, one per line with its first failure. */
export default class RetriedTests implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const file = process.env['RETRIED_TESTS']
    if (file === undefined || test.diagnostic()?.flaky !== true) return
    const failure = (test.result().errors?.[0]?.message ?? 'failed').replaceAll(/\s+/g, ' ').slice(0, 400)
    appendFileSync(file, `${test.module.relativeModuleId} > ${test.fullName}: ${failure}\n`)
  }
}
