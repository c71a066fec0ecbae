/** The hall pass: a rounded ticket with a notch and a keyhole. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <path fill="var(--mantine-color-amber-5)" fillRule="evenodd" d="M9 3h14a4 4 0 0 1 4 4v18a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4Zm4 0a3 3 0 0 0 6 0ZM16 12a4 4 0 0 1 2 7.46V24h-4v-4.54A4 4 0 0 1 16 12Z" />
    </svg>
  )
}
