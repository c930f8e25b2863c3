/** The files of a run as a table: the first few, unless all are wanted. */
import type { Integer } from '../../journal/events.js'
import { counted, formatBytes, formatCount, UNKNOWN } from '../../view/quantities.js'
import { aside, INDENT } from './labelled.js'
import { printable } from './printable.js'
import type { SectionLook } from './section-look.js'
import { table } from './table.js'

/** A file as it is listed; `undefined` is what is not known of it. */
export interface ListedFile {
  readonly name: string
  readonly rows: Integer | undefined
  readonly bytes: Integer | undefined
}

const MOST_FILES = 10

/**
 * The lines of the list; none where there are no files.
 *
 * @example
 * fileList(facts.files, look).join('\n')
 */
export function fileList(files: readonly ListedFile[], look: SectionLook): string[] {
  if (files.length === 0) return []
  const { width, paints, allFiles } = look
  const shown = allFiles || files.length <= MOST_FILES + 1 ? files : files.slice(0, MOST_FILES)
  const hasBytes = shown.some(({ bytes }) => bytes !== undefined)
  const { lines } = table(
    [
      { heading: 'FILE', shrinkTo: 20, cut: 'middle' },
      { heading: 'ROWS', align: 'right' },
      ...(hasBytes ? [{ heading: 'BYTES', align: 'right' } as const] : []),
    ],
    shown.map(({ name, rows, bytes }) => [
      printable(name),
      rows === undefined ? UNKNOWN : formatCount(rows),
      ...(hasBytes ? [bytes === undefined ? UNKNOWN : formatBytes(bytes)] : []),
    ]),
    { width, indent: INDENT, paintHeading: paints.quiet },
  )
  if (shown.length === files.length) return [...lines]
  const more = `… ${counted(files.length - shown.length, 'more file')}; --files lists all`
  return [...lines, ...aside(more, { width, paint: paints.quiet })]
}
