/** Returns the readiness check. It runs the probes one after the other and succeeds if none of them throws. */
export function readinessOf(
  probes: Readonly<Record<string, () => unknown>>,
): () => Promise<{ ok: boolean; checks: Record<string, boolean> }> {
  return async () => {
    const checks: Record<string, boolean> = {}
    for (const [name, probe] of Object.entries(probes)) checks[name] = await succeeds(probe)
    return { ok: !Object.values(checks).includes(false), checks }
  }
}

async function succeeds(probe: () => unknown): Promise<boolean> {
  try {
    await probe()
    return true
  } catch {
    return false
  }
}
