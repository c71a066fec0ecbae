import { expect, test } from 'vitest'
import type { Principal } from '../../../src/engine/access/principal.ts'
import { createAnswerStore } from '../../../src/engine/bridge/tools/answers/answer-store.ts'
import { createTestClock } from '../../support/test-clock.ts'

const MIB = 1024 * 1024

function principal(name: string): Principal {
  return {
    name,
    parent: null,
    tokenId: name.length,
    project: { id: 1, name: 'demo' },
    signal: new AbortController().signal,
  } as unknown as Principal
}

test('a token that stores too much loses its own results, not those of other tokens', () => {
  const store = createAnswerStore(createTestClock())
  const quiet = principal('quiet')
  const loud = principal('loudest')
  const id = store.store(quiet, { text: 'kept' } as never, MIB, {} as never) ?? ''
  const first = store.store(loud, { text: 'pushed out' } as never, 32 * MIB, {} as never) ?? ''
  for (let index = 0; index < 8; index += 1) store.store(loud, { text: 'new' } as never, 32 * MIB, {} as never)
  expect(store.find(quiet, id)).not.toBeNull()
  expect(store.find(loud, first)).toBeNull()
})
