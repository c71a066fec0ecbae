import { useImperativeHandle, type Ref, type RefObject } from 'react'

interface LateTargetProps {
  element: RefObject<HTMLElement | null>
  ref?: Ref<HTMLElement | null> | undefined
}

/** In place of the target of a menu or popover that is mounted after its target was drawn. */
export function LateTarget({ element, ref }: LateTargetProps) {
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => element.current, [element])
  return null
}
