/**
 * Words of our own over the lines of a help, as the rest of it is wrapped.
 *
 * Text from elsewhere goes through `view/wrap.ts`, which knows how wide any character is; what it needs for
 * that is not loaded for a help.
 */
import { Help } from 'commander'

/**
 * Breaks a text between its words.
 *
 * @param columns 40 or more; a text is not wrapped into fewer
 * @example
 * wrapHelp('locations, references, selection', 40) // ['locations, references, selection']
 */
export function wrapHelp(text: string, columns: number): string[] {
  return new Help().boxWrap(text, columns).split('\n')
}
