/** What of the waterfall is shown: filter, order, search, and zoom. */
import { formatCount } from '../../view/quantities.js'
import type { AttemptChoice, AttemptFilter, AttemptOrder } from './attempt-order.js'

const FILTERS: readonly (readonly [AttemptFilter, string])[] = [
  ['all', 'All'],
  ['failed', 'Failed'],
  ['retried', 'Retried'],
  ['slowest', 'Slowest'],
]

const ORDERS: readonly (readonly [AttemptOrder, string])[] = [
  ['time', 'time'],
  ['duration', 'duration'],
  ['chunk', 'chunk'],
]

/**
 * The toolbar.
 *
 * @example
 * <Toolbar choice={choice} counts={counts} choose={setChoice} zoom={zoom} zoomedIn={false} />
 */
export function Toolbar({
  choice,
  counts,
  choose,
  zoom,
  zoomedIn,
}: {
  readonly choice: AttemptChoice
  readonly counts: Readonly<Record<AttemptFilter, number>>
  readonly choose: (choice: AttemptChoice) => void
  /** Told by how much; 0 is back to the whole. */
  readonly zoom: (factor: number) => void
  readonly zoomedIn: boolean
}) {
  return (
    <div class="toolbar">
      <fieldset class="choices">
        <legend class="unseen-words">Which attempts</legend>
        {FILTERS.map(([filter, title]) => (
          <label class={counts[filter] === 0 ? 'none' : ''}>
            <input
              type="radio"
              name="waterfall-filter"
              checked={choice.filter === filter}
              disabled={counts[filter] === 0}
              onChange={() => choose({ ...choice, filter })}
            />
            <span>
              {title} {formatCount(counts[filter])}
            </span>
          </label>
        ))}
      </fieldset>
      <label>
        Sort by{' '}
        <select
          value={choice.order}
          onChange={(event) => {
            const order = ORDERS.find(([one]) => one === event.currentTarget.value)
            if (order !== undefined) choose({ ...choice, order: order[0] })
          }}
        >
          {ORDERS.map(([order, title]) => (
            <option value={order}>{title}</option>
          ))}
        </select>
      </label>
      <label>
        Find{' '}
        <input
          type="search"
          placeholder="chunk, key, file, error"
          value={choice.find}
          onInput={(event) => choose({ ...choice, find: event.currentTarget.value })}
        />
      </label>
      <span class="spring" />
      <span class="zoom">
        <button type="button" class="button" aria-label="Zoom out" onClick={() => zoom(1 / 2)}>
          −
        </button>
        <button type="button" class="button" aria-label="Zoom in" onClick={() => zoom(2)}>
          +
        </button>
        <button type="button" class="button" disabled={!zoomedIn} onClick={() => zoom(0)}>
          Whole run
        </button>
      </span>
    </div>
  )
}
