import { useLayoutEffect, useState } from 'react'

/** Returns an element's size, known before its first paint, so that nothing moves afterward. */
export function useSize() {
  const [element, ref] = useState<HTMLElement | null>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  useLayoutEffect(() => {
    if (element === null) return
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return { ref, ...size }
}
