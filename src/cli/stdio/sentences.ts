import type { Message } from './message.ts'

export const NOT_RUNNING = "The Hallpass engine isn't running."
export const LOST = 'Lost the connection to the Hallpass engine. Try again.'
export const REPLACED = 'The Hallpass engine was replaced by another version. Restart the client.'

/** Returns the sentence for a request that was running when the engine went away. */
export function lostSentence({ method }: Message): string {
  return method === 'tools/call'
    ? 'Lost the connection to the Hallpass engine during the call. The call may have been carried out: check before you repeat it.'
    : LOST
}
