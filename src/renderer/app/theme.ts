import {
  Button,
  createTheme,
  defaultVariantColorsResolver,
  type ButtonProps,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'
import { t } from '../../contract/text/translate.ts'

/** The only accent color: warm amber. Text in shade 7 on white and in shade 4 on slate has a contrast of 4.5:1. */
const amber: MantineColorsTuple = [
  '#fff8eb',
  '#fdecc8',
  '#fad88d',
  '#f7c255',
  '#f5ae2c',
  '#e0951a',
  '#bd770f',
  '#8f560a',
  '#74450d',
  '#5f3910',
]
/** Grays with a little blue, for the light theme. */
const slate: MantineColorsTuple = [
  '#f7f8fa',
  '#eef0f4',
  '#e1e5eb',
  '#cbd2dc',
  '#a9b3c1',
  '#7a8696',
  '#596575',
  '#434d5b',
  '#2e3641',
  '#1c222a',
]
/** Grays of the dark theme, text first. */
const ink: MantineColorsTuple = [
  '#e6e9ee',
  '#c3cad4',
  '#98a3b3',
  '#6f7b8c',
  '#424c5a',
  '#343d49',
  '#272e38',
  '#1d232b',
  '#161b22',
  '#10141a',
]

const SYSTEM_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
const MONOSPACE = 'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, "DejaVu Sans Mono", monospace'

/**
 * Mantine computes the text color on the accent for the light theme only, so a variable holds the color for each theme.
 * Its reds are too light for white text.
 */
const variantColorResolver: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input)
  if (input.variant === 'filled' && input.color === 'red')
    return { ...resolved, background: '#b42318', hover: '#962014', color: '#fff' }
  const accent = input.variant === 'filled' && (input.color ?? input.theme.primaryColor) === 'amber'
  return accent ? { ...resolved, color: 'var(--mantine-primary-color-contrast)' } : resolved
}

/** The one filled button of a screen is ink. Amber marks the brand, what is chosen and what needs the owner. */
function buttonColors(_theme: unknown, { variant = 'filled', color }: ButtonProps): { root: Record<string, string> } {
  if (variant !== 'filled' || color !== undefined) return { root: {} }
  return {
    root: {
      '--button-bg': 'var(--hp-ink)',
      '--button-hover': 'var(--hp-ink-hover)',
      '--button-color': 'var(--hp-ink-text)',
    },
  }
}

export const theme = createTheme({
  variantColorResolver,
  colors: { amber, gray: slate, dark: ink },
  primaryColor: 'amber',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  fontFamily: SYSTEM_FONT,
  fontFamilyMonospace: MONOSPACE,
  headings: {
    fontFamily: SYSTEM_FONT,
    fontWeight: '600',
    sizes: { h3: { fontSize: '20px' }, h4: { fontSize: '16px' } },
  },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  radius: { md: '6px', lg: '10px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' }, vars: buttonColors }),
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': t`Close` },
      },
    },
    Drawer: {
      defaultProps: { overlayProps: { backgroundOpacity: 0.3 }, closeButtonProps: { 'aria-label': t`Close` } },
    },
    Anchor: { defaultProps: { underline: 'always' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
})
