import { describe, expect, test } from 'vitest'
import { collectExport, exportName, type ExportCall } from '../../src/renderer/features/log/export/export-rows.ts'

function pieces(count: number, size: number): ExportCall {
  return async (_chosen, { signal }) =>
    (async function* () {
      for (let at = 1; at <= count; at += 1) {
        await Promise.resolve()
        signal.throwIfAborted()
        yield { text: `${'x'.repeat(size - 1)}\n`, rows: at * 10 }
      }
    })()
}

describe('an export', () => {
  test('that is canceled saves no file', async () => {
    const leaving = new AbortController()
    const seen: number[] = []
    const export_ = collectExport(pieces(1000, 100), {}, 'jsonl', leaving.signal, (rows) => {
      seen.push(rows)
      if (rows === 50) leaving.abort()
    })
    await expect(export_).rejects.toThrow()
    expect(seen.at(-1)).toBe(50)
  })

  test('that fails part-way saves no file', async () => {
    const broken: ExportCall = async () =>
      (async function* () {
        yield { text: 'a', rows: 1 }
        throw new Error('lost')
      })()
    await expect(collectExport(broken, {}, 'csv', new AbortController().signal, () => {})).rejects.toThrow('lost')
  })

  test('contains every piece in order, however many there are', async () => {
    const { content, rows } = await collectExport(
      pieces(30, 500_000),
      { project: 'demo' },
      'csv',
      new AbortController().signal,
      () => {},
    )
    expect([content.size, rows, content.type]).toEqual([15_000_000, 300, 'text/csv'])
    expect((await content.text()).split('\n').filter((line) => line.length !== 499_999)).toEqual([''])
  })

  test('is named after its project and day', () => {
    const now = new Date(2026, 0, 3, 9)
    expect([exportName('sales', 'csv', now), exportName(undefined, 'jsonl', now)]).toEqual([
      'hallpass-sales-log-2026-01-03.csv',
      'hallpass-log-2026-01-03.jsonl',
    ])
  })
})
