/** Maximum time that a pause of the event loop counts, unless this process itself worked in it. */
const LONGEST_PAUSE_MS = 5

/**
 * Measures time in which this process could run. Time during which other programs keep the computer busy doesn't count;
 * waiting for a timer and working do.
 */
export interface RunningTime {
  /** Returns the time between two wall-clock times in ms, of which the later has passed. */
  between(from: number, to: number): number
  stop(): void
}

export function startRunningTime(): RunningTime {
  const samples: { wall: number; ran: number }[] = [{ wall: Date.now(), ran: 0 }]
  let last = performance.now()
  let cpu = process.cpuUsage()

  function sample(): void {
    const now = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    cpu = process.cpuUsage()
    const counted = Math.min(now - last, LONGEST_PAUSE_MS + (user + system) / 1000)
    last = now
    samples.push({ wall: Date.now(), ran: (samples.at(-1)?.ran ?? 0) + counted })
  }

  function ranUntil(wall: number): number {
    const after = samples.findIndex((one) => one.wall >= wall)
    if (after === -1) return samples.at(-1)?.ran ?? 0
    const [earlier, later] = [samples[after - 1] ?? samples[0], samples[after]]
    if (earlier === undefined || later === undefined || later.wall === earlier.wall) return later?.ran ?? 0
    return earlier.ran + ((later.ran - earlier.ran) * (wall - earlier.wall)) / (later.wall - earlier.wall)
  }

  const timer = setInterval(sample, 1)
  return {
    between(from, to) {
      sample()
      return ranUntil(to) - ranUntil(from)
    },
    stop: () => clearInterval(timer),
  }
}
