/** One thing that the model wants to do, by the name that Hallpass gives the tool. */
export interface Step {
  tool: string
  args: Record<string, unknown>
}

/** What an agent sent to its model: the tools that it offered, and the result of each step in order. */
export interface Transcript {
  tools: Set<string>
  results: string[]
}

/** Decides what a scripted model does next. Agents put the name of their entry in front of a tool's name, each in its own way. */
export function createScript(steps: readonly Step[]): {
  transcript: Transcript
  /** Takes the tools and results of a request. Returns the next call, or null if there is nothing more to do. */
  next(tools: readonly string[], results: readonly string[]): { id: string; name: string; args: object } | null
} {
  const transcript: Transcript = { tools: new Set(), results: [] }
  return {
    transcript,
    next(tools, results) {
      // Side requests, such as for a title, offer no tools.
      const index = results.length
      const step = steps[index]
      for (const name of tools) transcript.tools.add(name)
      if (results.length > transcript.results.length) transcript.results = [...results]
      if (step === undefined) return null
      const name =
        tools.find((one) => one === step.tool) ??
        tools.find((one) => one.endsWith(step.tool) && /[_.-]$/.test(one.slice(0, -step.tool.length)))
      return name === undefined ? null : { id: `call_${index}`, name, args: step.args }
    },
  }
}
