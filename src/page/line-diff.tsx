/** Two texts line by line: `-` stands before what only the earlier has, `+` before what only the later has. */
import { counted } from '../view/quantities.js'
import type { DiffLine } from '../view/run-diff.js'
import { nearDifferences } from './near-differences.js'
import { Shown } from './parts/shown.js'

const SIGNS = { both: ' ', a: '-', b: '+' } as const
const CLASSES = { both: 'same', a: 'only-a', b: 'only-b' } as const

/**
 * The lines that differ, with some around them that do not.
 *
 * @example
 * <LineDiff lines={[{ in: 'a', text: 'SELECT 1' }, { in: 'b', text: 'SELECT 2' }]} />
 */
export function LineDiff({ lines }: { readonly lines: readonly DiffLine[] }) {
  return (
    <pre class="line-diff">
      {nearDifferences(lines).map((part) =>
        typeof part === 'number' ? (
          <span class="left-out">… {counted(part, 'line')} the same</span>
        ) : (
          <span class={CLASSES[part.in]}>
            {SIGNS[part.in]} <Shown text={part.text} />
          </span>
        ),
      )}
    </pre>
  )
}
