/** What an end took with it, as the rest of a sentence. */
export function endedText(ended: { sessions_ended: number; requests_cut: number }): string {
  return ` (${count(ended.sessions_ended, 'session')} ended, ${count(ended.requests_cut, 'request')} cut off)`
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
