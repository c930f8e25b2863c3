/** Which files are shown, and in which order. */
import type { FileView } from '../view/run-view.js'
import { approximate } from './parts/counts.js'
import { visibleText } from './parts/shown-text.js'

/** What files are sorted by; `written` is as the run wrote them. */
export interface FileOrder {
  readonly by: 'written' | 'name' | 'rows' | 'bytes'
  readonly descending: boolean
}

/**
 * The files whose names have a text in them, sorted. What is not known comes last either way.
 *
 * @example
 * filesShown(view.files, { by: 'rows', descending: true }, 'chunk5')
 */
export function filesShown(
  files: readonly FileView[],
  { by, descending }: FileOrder,
  find = '',
): readonly FileView[] {
  const wanted = find.trim().toLowerCase()
  const found =
    wanted === ''
      ? [...files]
      : files.filter(({ name }) => visibleText(name).toLowerCase().includes(wanted))
  if (by === 'written') return descending ? found.reverse() : found
  const sign = descending ? -1 : 1
  if (by === 'name')
    return found.sort((a, b) => sign * (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return found.sort((a, b) => {
    const [x, y] = [approximate(a[by]), approximate(b[by])]
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return sign * (x - y)
  })
}
