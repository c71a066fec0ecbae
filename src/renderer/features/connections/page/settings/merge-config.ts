type Config = Readonly<Record<string, unknown>>

/**
 * Returns the stored settings with what was edited. A form can't draw everything that the command line can set, so what it
 * would build from unedited fields stays out.
 */
export function mergeConfig<T extends object>(stored: T, unedited: object, edited: object): T {
  const merged: Record<string, unknown> = { ...(stored as Config) }
  const [before, after] = [unedited as Config, edited as Config]
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[key]) === JSON.stringify(after[key])) continue
    if (after[key] === undefined) delete merged[key]
    else merged[key] = after[key]
  }
  return merged as T
}
