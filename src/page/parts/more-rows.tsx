/** The end of a long table, of which only the first rows are there. */
import { counted, formatCount } from '../../view/quantities.js'
import { useLive } from './use-live.js'

/** How many rows are there at first. */
export const ROWS_AT_ONCE = 25

/** How many more come at a time: a browser lays these out without a wait. */
const MORE = 500

/**
 * Says how many rows are not shown, and shows more; nothing where all are.
 *
 * @example
 * <MoreRows shown={100} all={10_000} show={setShown} />
 */
export function MoreRows({
  shown,
  all,
  show,
}: {
  readonly shown: number
  readonly all: number
  readonly show: (rows: number) => void
}) {
  const live = useLive()
  if (shown >= all) return null
  const more = Math.min(MORE, all - shown)
  return (
    <p class="more">
      <span class="quiet">{counted(all - shown, 'more row')} not shown.</span>{' '}
      {live ? (
        <button type="button" class="button" onClick={() => show(shown + more)}>
          Show {formatCount(more)} more
        </button>
      ) : null}
    </p>
  )
}
