import { describe, expect, it } from 'vitest'
import { dataFolders } from '../store/support/data-folders.ts'
import { openLog } from './support/open-log.ts'

const { folder, open } = dataFolders()

function follow() {
  const { log, add } = openLog(open(folder()))
  const cancel = new AbortController()
  return { add, cancel, log, rows: log.follow({}, cancel.signal)[Symbol.asyncIterator]() }
}

describe('following a quiet log', () => {
  it('ends at once when its reader leaves, also while it waits for a row', async () => {
    const { rows, add } = follow()
    const waiting = rows.next()
    expect(await rows.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    add()
    expect(await rows.next()).toEqual({ done: true, value: undefined })
  })

  it('ends at once when it is canceled while it waits', async () => {
    const { rows, cancel } = follow()
    const waiting = rows.next()
    cancel.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('ends with the log, after what was not read yet', async () => {
    const { rows, log, add } = follow()
    add()
    log.close()
    expect((await rows.next()).value).toMatchObject({ status: null })
    expect((await rows.next()).value).toMatchObject({ status: 200 })
    expect((await rows.next()).done).toBe(true)
  })

  it('drops a reader that fell too far behind, with a sentence, and gives it nothing after that', async () => {
    const { rows, add } = follow()
    for (let index = 0; index < 1500; index += 1) add()
    await expect(rows.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    add()
    expect(await rows.next()).toEqual({ done: true, value: undefined })
  })

  it('answers readers that read ahead in order', async () => {
    const { rows, add } = follow()
    const asked = [rows.next(), rows.next(), rows.next()]
    add({ resource: 'one' })
    add({ resource: 'two' })
    const got = (await Promise.all(asked)).map(({ value }) => value?.id)
    expect(got).toEqual([1, 1, 2])
  })
})
