import { useEffect } from 'react'

/** Attribute of a control that saves or sends something, or that opens the question whether to. */
const MARKED = '[data-writes]'

/** ID of the element that says why those controls are off. */
export const WHY_OFF_ID = 'why-off'

/**
 * Turns all controls that write off while there is nothing to write to, and says why on hover, on focus and to screen
 * readers. They keep the focus and what was typed. One guard serves them all: it stops their events before React sees
 * them, so that no screen has to know about it.
 */
export function useWritesOff(isOff: boolean, why: string): void {
  useEffect(() => {
    if (!isOff) return undefined
    const root = document.documentElement
    const marks = createMarks(why)
    const observer = new MutationObserver((records) => {
      for (const record of records) if (record.type === 'attributes') marks.noteChange(record)
      marks.set()
      // Its own changes are no news.
      observer.takeRecords()
    })
    root.dataset['writesOff'] = ''
    marks.set()
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: [...ATTRIBUTES] })
    for (const type of EVENTS) window.addEventListener(type, stop, { capture: true })
    return () => {
      for (const type of EVENTS) window.removeEventListener(type, stop, { capture: true })
      observer.disconnect()
      marks.remove()
      delete root.dataset['writesOff']
    }
  }, [isOff, why])
}

const EVENTS = ['click', 'keydown', 'paste', 'submit'] as const

function stop(event: Event): void {
  if (!isOfWriting(event)) return
  event.preventDefault()
  event.stopImmediatePropagation()
}

function isOfWriting(event: Event): boolean {
  const { target } = event
  if (!(target instanceof Element)) return false
  if (event.type === 'submit') return target.querySelector(`[type=submit]${MARKED}`) !== null
  const marked = target.closest(MARKED)
  // Buttons are pressed by a click, also with keys. In a field with a list, keys change the value.
  if (event instanceof KeyboardEvent)
    return marked !== null && isListField(target) && event.key !== 'Tab' && event.key !== 'Escape'
  return marked !== null
}

function isListField(element: Element): boolean {
  return element.matches('select, input:not([type=checkbox]):not([type=radio])')
}

const ATTRIBUTES = ['aria-disabled', 'aria-describedby', 'title'] as const

/** Sets the attributes of controls that are off, and puts back what was there before. */
function createMarks(why: string) {
  const formers = new Map<Element, Map<string, string | null>>()

  function formerOf(element: Element): Map<string, string | null> {
    const known = formers.get(element)
    if (known !== undefined) return known
    const former = new Map(ATTRIBUTES.map((name) => [name as string, element.getAttribute(name)]))
    formers.set(element, former)
    return former
  }

  function setOf(control: Element): void {
    const described = formerOf(control).get('aria-describedby') ?? ''
    write(control, 'aria-disabled', 'true')
    write(control, 'aria-describedby', `${described} ${WHY_OFF_ID}`.trim())
    // The box of a switch is drawn beside its input.
    const hovered = control.matches('input') ? (control.parentElement ?? control) : control
    formerOf(hovered)
    write(hovered, 'title', why)
  }

  return {
    set(): void {
      for (const marked of document.querySelectorAll(MARKED)) {
        const inside = marked.querySelectorAll('input:not([type=hidden])')
        for (const control of inside.length === 0 ? [marked] : inside) setOf(control)
      }
    },
    /** Keeps what the page wrote in the meantime, to put that back. */
    noteChange({ target, attributeName }: MutationRecord): void {
      if (!(target instanceof Element) || attributeName === null) return
      formers.get(target)?.set(attributeName, target.getAttribute(attributeName))
    },
    remove(): void {
      for (const [element, former] of formers) for (const [name, value] of former) write(element, name, value)
    },
  }
}

function write(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name)
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}
