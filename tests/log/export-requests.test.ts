import { describe, expect, it } from 'vitest'
import { refusal } from '../access/support/access-room.ts'
import { fillLog } from '../support/fill-log.ts'
import { dataFolders } from '../store/support/data-folders.ts'
import { all, openLog, opening } from './support/open-log.ts'

const { folder, open } = dataFolders()
const never = new AbortController().signal

describe('export', () => {
  it('rejects a malformed filter before the first piece', () => {
    const { log } = openLog(open(folder()))
    expect(refusal(() => log.export({ status: 'bad' }, 'csv', never)).field).toBe('status')
    expect(refusal(() => log.export({ since: 'bad' }, 'csv', never)).field).toBe('since')
  })

  it('writes no formula for spreadsheets to run', async () => {
    const { log } = openLog(open(folder()))
    for (const client of ['=cmd()', '+1', '-1', '@x', 'a"b,c', '\t=1', ' =1', '|calc', '%0A=1'])
      log.rejected({ ...opening, client }, { status: 200 })
    const [header, ...lines] = (await all(log.export({}, 'csv', never)))
      .map((piece) => piece.text)
      .join('')
      .trimEnd()
      .split('\r\n')
    expect(header).toMatch(/^id,time,request_id,.*records,change,has_payload,batch,chain$/)
    expect(lines.map((line) => line.split(',proxy,')[0]?.split(',,,,')[1])).toEqual([
      "'=cmd()",
      "'+1",
      "'-1",
      "'@x",
      '"a""b,c"',
      expect.stringMatching(/^['\ufffd].*=1$/),
      "' =1",
      "'|calc",
      "'%0A=1",
    ])
  })

  it('returns every row as one line of JSON, oldest first, including those not yet on disk', async () => {
    const { log, add } = openLog(open(folder()))
    for (const resource of ['one', 'two', 'three']) add({ resource })
    const pieces = await all(log.export({}, 'jsonl', never))
    const rows = pieces
      .map((piece) => piece.text)
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(rows).toEqual(
      (await log.list({}))
        .toReversed()
        .map((row) => ({ ...row, batch: 1, chain: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown })),
    )
  })

  it.each([
    ['jsonl', ''],
    ['csv', 'id,time,'],
  ] as const)('of nothing is one piece of %s', async (format, start) => {
    const { log } = openLog(open(folder()))
    const pieces = await all(log.export({ token: 'nobody' }, format, never))
    expect(pieces).toEqual([{ text: expect.stringMatching(start === '' ? /^$/ : /^id,time,/), rows: 0 }])
  })

  it('arrives in pieces of some hundred rows that count up, with only the chosen rows', async () => {
    const home = folder()
    fillLog(home, 3000, { now: Date.UTC(2026, 0, 15, 12) })
    const { log } = openLog(open(home))
    const whole = await log.list({ status: 'ok', limit: 10_000 })
    const pieces = await all(log.export({ status: 'ok' }, 'jsonl', never))
    expect(pieces.length).toBeGreaterThan(4)
    expect(Math.max(...pieces.map((piece) => piece.text.split('\n').length))).toBeLessThan(1000)
    expect(pieces.at(-1)?.rows).toBe(whole.length)
    let before = 0
    for (const piece of pieces) {
      expect(piece.rows - before).toBe(piece.text.split('\n').length - 1)
      before = piece.rows
    }
  })

  it('stops immediately when it is canceled or its reader leaves', async () => {
    const home = folder()
    fillLog(home, 20_000, { now: Date.UTC(2026, 0, 15, 12) })
    const store = open(home)
    const { log } = openLog(store)
    let looks = 0
    const between = store.requests.sealedBetween
    store.requests.sealedBetween = (filter, span) => {
      looks += 1
      return between(filter, span)
    }
    const cancel = new AbortController()
    const pieces = log.export({}, 'csv', cancel.signal)
    await pieces.next()
    cancel.abort()
    expect(await pieces.next()).toEqual({ done: true, value: undefined })
    const left = log.export({ text: 'nowhere' }, 'csv', never)
    expect(await left.return()).toEqual({ done: true, value: undefined })
    expect(looks).toBe(1)
  })

  it('contains the rows that existed when it began', async () => {
    const { log, add } = openLog(open(folder()))
    for (let index = 0; index < 3; index += 1) add()
    const pieces = log.export({}, 'jsonl', never)
    const first = await pieces.next()
    add()
    expect(first.value).toMatchObject({ rows: 3 })
    expect((await pieces.next()).done).toBe(true)
  })
})
