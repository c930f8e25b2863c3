/** How much something matters, as a sign and a word: never as a colour alone. */
import type { Level } from '../../view/run-view.js'

const SIGNS = { bad: '✗', warning: '▲' } as const
const WORDS = { bad: 'bad', warning: 'warning' } as const

/**
 * The sign of a level, with its word for those who hear the page; nothing for `info`.
 *
 * @example
 * <LevelSign level="bad" />
 */
export function LevelSign({ level }: { readonly level: Level }) {
  if (level === 'info') return null
  return (
    <span class={`sign ${level}`}>
      <span aria-hidden="true">{SIGNS[level]} </span>
      <span class="unseen-words">{WORDS[level]}: </span>
    </span>
  )
}
