import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import type { Bar, Span } from './chart-shape.ts'

interface StepChoiceProps {
  spans: readonly Span[]
  bars: readonly Bar[]
  /** Width of what is left of the bars, in pixels. */
  margin: number
  onChoose: (span: Span | null) => void
  /** Several steps that were dragged over are to be zoomed to, others to be opened. */
  onOpen: (span: Span, zoom: boolean) => void
}

/** The chosen steps. `at` is the one that the keyboard is on. */
interface StepChoice {
  at: number
  anchor: number
  first: number
  last: number
}

/**
 * Chooses steps of a chart: with the pointer over one or dragged over several, or with the arrow keys, which extend with
 * Shift. A click and Enter open them, a drag
 * zooms to them, Escape clears.
 */
export function useStepChoice({ spans, bars, margin, onChoose, onOpen }: StepChoiceProps) {
  const [chosen, setChosen] = useState<StepChoice | null>(null)
  const dragged = useRef<number | null>(null)

  const spanOf = ({ first, last }: StepChoice): Span => ({
    from: spans[first]?.from ?? 0,
    to: spans[last]?.to ?? 0,
  })
  const choose = (at: number, anchor = at): void => {
    const choice = { at, anchor, first: Math.min(at, anchor), last: Math.max(at, anchor) }
    if (choice.at === chosen?.at && choice.anchor === chosen.anchor) return
    setChosen(choice)
    onChoose(spanOf(choice))
  }
  const clear = (): void => {
    dragged.current = null
    setChosen(null)
    onChoose(null)
  }
  const stepAt = (event: PointerEvent): number => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - margin
    return bars.findLastIndex((bar) => bar.x <= x)
  }

  return {
    chosen,
    handlers: {
      onPointerMove(event: PointerEvent) {
        const at = stepAt(event)
        if (at >= 0) choose(at, dragged.current ?? at)
        else if (dragged.current === null) clear()
      },
      onPointerDown(event: PointerEvent) {
        const at = stepAt(event)
        if (event.button !== 0 || at < 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        dragged.current = at
        choose(at)
      },
      onPointerUp() {
        if (dragged.current === null || chosen === null) return
        dragged.current = null
        onOpen(spanOf(chosen), chosen.first < chosen.last)
      },
      onPointerCancel: clear,
      onPointerLeave() {
        if (dragged.current === null) clear()
      },
      onBlur: clear,
      onKeyDown(event: KeyboardEvent) {
        const last = spans.length - 1
        const at = chosen?.at ?? spans.length
        const to = {
          ArrowLeft: at - 1,
          ArrowRight: at + 1,
          Home: 0,
          End: last,
          PageUp: at - 10,
          PageDown: at + 10,
        }[event.key]
        if (event.key === 'Escape' && chosen !== null) clear()
        else if (event.key === 'Enter' && chosen !== null) onOpen(spanOf(chosen), false)
        else if (to === undefined || spans.length === 0) return
        else {
          const next = Math.min(last, Math.max(0, to))
          choose(next, event.shiftKey ? (chosen?.anchor ?? next) : next)
        }
        event.preventDefault()
      },
    },
  }
}
