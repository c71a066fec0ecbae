import { useId } from 'react'

/** The logo: a rounded ticket with a notch and a keyhole. scripts/draw-icons.ts draws the icons from the same shape. */
export function Mark({ size }: { size: number }) {
  const mask = useId()
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden focusable="false">
      <mask id={mask} maskUnits="userSpaceOnUse" x="0" y="0" width="16" height="16">
        <rect width="16" height="16" fill="#fff" />
        <path d="M8 5.4a1.95 1.95 0 0 1 1 3.62V11.6H7V9.02A1.95 1.95 0 0 1 8 5.4Z" fill="#000" />
      </mask>
      <path
        mask={`url(#${mask})`}
        fill="var(--mantine-color-amber-5)"
        d="M4.6 1.5h1.9a1.5 1.5 0 0 0 3 0h1.9A1.6 1.6 0 0 1 13 3.1v9.8a1.6 1.6 0 0 1-1.6 1.6H4.6A1.6 1.6 0 0 1 3 12.9V3.1a1.6 1.6 0 0 1 1.6-1.6Z"
      />
    </svg>
  )
}
