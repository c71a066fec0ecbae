import { usageError } from '../errors.ts'
import { chosenAnswerChars, type AnswerCharsFlag } from '../flags/options.ts'
import { answerLength } from '../output/columns.ts'
import { withEngine } from '../with-engine.ts'

interface TokenFlags {
  project: string
  ttl?: string
  answerChars?: AnswerCharsFlag
}

/** Moves the expiry of an active token, or changes how long answers to its clients can be. */
export async function updateToken(name: string, { project, ttl, answerChars }: TokenFlags): Promise<void> {
  if (ttl === undefined && answerChars === undefined)
    throw usageError('Missing required option: --ttl <time> or --answer-chars <count>')
  if (ttl === '') throw usageError('Missing required option: --ttl <time>')
  const token = await withEngine(async ({ api }) => {
    if (answerChars === undefined) return api.tokens.extend({ project, name, ttl: ttl ?? '' })
    const { revision } = await api.tokens.get({ project, name })
    const set = { ttl, answer_chars: chosenAnswerChars(answerChars) }
    return (await api.tokens.update({ project, name, revision, set })).token
  })
  const expiry = token.expires_at === null ? 'It never expires.' : `Expires ${token.expires_at}.`
  const length =
    answerChars === undefined ? '' : ` Length of answers: ${answerLength(token.answer_chars, "the project's")}.`
  process.stdout.write(`Updated token ${name}. ${expiry}${length}\n`)
}
