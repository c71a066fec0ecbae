/**
 * Durations in buckets that are each 15% wider than the previous one. A percentile is accurate to 7.5%, and two
 * histograms add up exactly. Stored as sparse pairs of bucket (one byte) and count (four bytes, little-endian).
 */
export type DurationHistogram = Map<number, number>

const SHORTEST_MS = 0.01
const GROWTH = 1.15
const LOG_GROWTH = Math.log(GROWTH)
const HIGHEST_BUCKET = 255
const MAX_BUCKET = 0xffffffff
const PAIR_BYTES = 5

export function bucketOf(milliseconds: number): number {
  if (!(milliseconds > SHORTEST_MS)) return 0
  return Math.min(HIGHEST_BUCKET, Math.floor(Math.log(milliseconds / SHORTEST_MS) / LOG_GROWTH))
}

export function addToHistogram(histogram: DurationHistogram, bucket: number, count: number): void {
  histogram.set(bucket, Math.min(MAX_BUCKET, (histogram.get(bucket) ?? 0) + count))
}

export function encodeHistogram(histogram: DurationHistogram): Buffer {
  const bytes = Buffer.alloc(histogram.size * PAIR_BYTES)
  let at = 0
  for (const [bucket, count] of histogram) {
    bytes.writeUInt8(bucket, at)
    bytes.writeUInt32LE(count, at + 1)
    at += PAIR_BYTES
  }
  return bytes
}

/** Adds the output of `encodeHistogram`. */
export function addEncoded(histogram: DurationHistogram, bytes: Buffer): void {
  for (let at = 0; at + PAIR_BYTES <= bytes.length; at += PAIR_BYTES) {
    addToHistogram(histogram, bytes.readUInt8(at), bytes.readUInt32LE(at + 1))
  }
}

/** Returns the duration in milliseconds that this share of requests doesn't exceed, or null if there are none. */
export function percentileOf(histogram: DurationHistogram, share: number): number | null {
  let total = 0
  for (const count of histogram.values()) total += count
  if (total === 0) return null
  let left = Math.ceil(total * share)
  for (const [bucket, count] of [...histogram].sort(([one], [other]) => one - other)) {
    left -= count
    if (left <= 0) return Math.round(SHORTEST_MS * GROWTH ** (bucket + 0.5) * 100) / 100
  }
  return null
}
