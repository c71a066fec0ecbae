import type { Attention } from '../attention/attention-items.ts'
import { snooze, wake } from '../attention/snoozes.ts'
import type { OwnerDesk } from '../owner-implementer.ts'

export function attentionHandlers({ os, parts, actions }: OwnerDesk, attention: Attention) {
  return {
    list: os.attention.list.handler(({ input }) => attention.items(input.state)),
    snooze: os.attention.snooze.handler(({ input }) =>
      actions.change('attention.snooze', { resource: input.id }, async () => {
        await snooze(parts, attention, input)
        return {}
      }),
    ),
    wake: os.attention.wake.handler(({ input }) =>
      actions.change('attention.wake', { resource: input.id }, () => {
        wake(parts, input.id)
        return {}
      }),
    ),
  }
}
