import { FIELDS, FIELD_NAMES, type FieldName, type ToolDocument } from './tool-document.ts'

/** Documents that contain a stem, and its weight in each. */
interface Postings {
  documents: number[]
  weights: number[]
}

/** The tools of one connection, ready to be searched. */
export interface ToolIndex {
  documents: readonly ToolDocument[]
  postings(stem: string): Postings | undefined
}

/** A stem weighs more in a name than in a text, and more in a short field than in one that is long for this connection. */
export function createToolIndex(documents: readonly ToolDocument[]): ToolIndex {
  const averages = averageLengths(documents)
  const postings = new Map<string, Postings>()
  for (const [number, { counts, lengths }] of documents.entries()) {
    const weights = new Map<string, number>()
    for (const field of FIELD_NAMES) {
      const { weight, b } = FIELDS[field]
      const factor = weight / (1 - b + (b * lengths[field]) / averages[field])
      for (const [stem, count] of counts[field]) weights.set(stem, (weights.get(stem) ?? 0) + factor * count)
    }
    for (const [stem, weight] of weights) {
      const list = postings.get(stem)
      if (list === undefined) postings.set(stem, { documents: [number], weights: [weight] })
      else {
        list.documents.push(number)
        list.weights.push(weight)
      }
    }
  }
  return { documents, postings: (stem) => postings.get(stem) }
}

function averageLengths(documents: readonly ToolDocument[]): Record<FieldName, number> {
  const averages = FIELD_NAMES.map((field) => {
    const sum = documents.reduce((total, { lengths }) => total + lengths[field], 0)
    return [field, sum / documents.length || 1] as const
  })
  return Object.fromEntries(averages) as Record<FieldName, number>
}
