/** Returns a function that writes a time as ISO 8601. Times of one second share most of their text. */
export function createTimestamps(): (timeMs: number) => string {
  let second = NaN
  let start = ''
  return (timeMs) => {
    const current = Math.floor(timeMs / 1000)
    if (current !== second) {
      start = new Date(current * 1000).toISOString().slice(0, -4)
      second = current
    }
    return `${start}${String(Math.trunc(timeMs - current * 1000)).padStart(3, '0')}Z`
  }
}
