import { visible } from '../../text/visible-text.ts'

const MAX_LENGTH = 300
/** Lines that surround the reason but don't state it: stack frames, code excerpts, usage texts, notices of npm and Node. */
const NOISE =
  /^\s*(?:at |npm (?:notice|warn)|Node\.js v|node:internal|\^|\}|\{|File "|\.\.\.|usage:|options:|flags:|commands:|arguments:|examples?:|--?\w|\[--?\w|Traceback|Try ['"]|For (?:more )?(?:help|information)|Run .* --help|Emitted |throw )/i
const NAMED_ERROR = /^\W*(?:[\w.]*(?:Error|Exception)\b|error\b|fatal\b|panic\b|npm (?:error|ERR!))[\s:([]/i
const REASON =
  /\b(?:required|missing|not (?:set|found|provided|defined|configured)|must (?:be|set|provide)|please (?:set|provide)|invalid|unable to|failed|cannot|can't|couldn't|could not|denied|unauthori[sz]ed|forbidden|refused|no such|unknown option|does not exist|expected)\b/i

/**
 * Returns the line of a failed start that says why, to complete a sentence; empty if there is none. The last line is often the
 * end of a usage text or a stack.
 */
export function lastOutput(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !NOISE.test(line))
  const named = lines.filter((line) => NAMED_ERROR.test(line))
  // A Python traceback states its error last, everything else first.
  const error = stderr.includes('Traceback (most recent call last)') ? named.at(-1) : named[0]
  const line = error ?? lines.find((one) => REASON.test(one)) ?? lines.at(-1)
  return line === undefined ? '' : `, saying: ${visible(line.slice(0, MAX_LENGTH))}`
}
