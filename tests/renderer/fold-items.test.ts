import { expect, test } from 'vitest'
import type { AttentionItem } from '../../src/contract/owner-api/attention-api.ts'
import { foldItems } from '../../src/renderer/features/attention/fold-items.ts'

const items = (count: number, kind: AttentionItem['kind'], project: string): AttentionItem[] =>
  Array.from({ length: count }, (_none, at) => ({
    id: `${kind}:${project}/${at}`,
    kind,
    group: 'watch',
    subject: { project, token: `t${at}`, connection: null },
    sentence: `${at}`,
    since: null,
    count: null,
    cause: null,
    snoozed_until: null,
    ended_at: null,
  }))

test('more than 50 items are folded by kind and project, and none is lost', () => {
  const all = [...items(214, 'budget', 'finance'), ...items(2, 'budget', 'sales'), ...items(7, 'refusals', 'finance')]
  const folds = foldItems(all, all.length)
  expect(folds.map(({ kind, project, items: folded }) => [kind, project, folded.length])).toEqual([
    ['budget', 'finance', 214],
    ['budget', 'sales', 2],
    ['refusals', 'finance', 7],
  ])
  expect(folds.flatMap((fold) => fold.items)).toEqual(all)
  expect(folds.every(({ shown }) => shown < 50)).toBe(true)
})

test('50 items stay as they are, in their order', () => {
  const all = [...items(25, 'budget', 'finance'), ...items(25, 'refusals', 'finance')]
  const folds = foldItems(all, all.length)
  expect(folds.map((fold) => fold.items)).toEqual(all.map((item) => [item]))
})
