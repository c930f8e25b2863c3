/** Chooses light or dark, for this look at the page only: nothing is kept. */
import { useState } from 'preact/hooks'
import { useLive } from './use-live.js'

const THEMES = ['system', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]
const SIGNS: { readonly [T in Theme]: string } = { system: '◐', light: '☀', dark: '☾' }

/**
 * A button that goes from the system's colours to light ones, to dark ones, and back.
 *
 * @example
 * <ThemeSwitch />
 */
export function ThemeSwitch() {
  const live = useLive()
  const [theme, setTheme] = useState<Theme>('system')
  if (!live) return null
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
  const change = () => {
    setTheme(next)
    if (next === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = next
  }
  return (
    <button
      type="button"
      class="button theme-switch"
      aria-label={`Colours: ${theme}`}
      onClick={change}
    >
      <span aria-hidden="true">{SIGNS[theme]} </span>
      <span class="words">Colours: {theme}</span>
    </button>
  )
}
