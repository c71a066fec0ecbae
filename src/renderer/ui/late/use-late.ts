import { useLayoutEffect, useState } from 'react'

/**
 * For a menu or popover of each row of a list, which cost more than the rest of the row: it is mounted when it is wanted first.
 * It opens after that, because only one that is mounted closed notices where the focus has to return.
 */
export function useLate(isWanted: boolean): { isMounted: boolean; isOpen: boolean } {
  const [isMounted, setMounted] = useState(isWanted)
  const [isOpen, setOpen] = useState(false)
  if (isWanted && !isMounted) setMounted(true)
  useLayoutEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- what it opens must have been mounted closed
    if (isMounted) setOpen(isWanted)
  }, [isMounted, isWanted])
  return { isMounted, isOpen }
}
