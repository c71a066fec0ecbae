/** Smaller pieces share memory with others, and are collected often enough. */
const MIN_BYTES = 16 * 1024

/**
 * Frees the memory of bytes that nobody reads again, now instead of at the next garbage collection, which comes after about 40 MB of
 * them. Does nothing if the memory holds anything else. The bytes are empty afterward.
 */
export function releaseMemory(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes
  if (byteLength < MIN_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return
  buffer.transfer(0)
}
