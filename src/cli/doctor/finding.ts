/** One thing that was checked. `next` is what to do about it. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'broken'
  message: string
  next: string | null
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message, next: null })
export const warning = (check: string, message: string, next: string): Finding => ({
  check,
  state: 'warning',
  message,
  next,
})
export const broken = (check: string, message: string, next: string): Finding => ({
  check,
  state: 'broken',
  message,
  next,
})
