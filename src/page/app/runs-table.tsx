/**
 * A table of runs of which only those in view are drawn, so that ten thousand are as quick as ten.
 *
 * Every row is as high as the others. Tab comes to one row; the arrow keys go through them.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { UNKNOWN } from '../../view/quantities.js'
import type { RunSummary } from '../../view/run-view.js'
import { bytesText, countText, durationText } from '../parts/counts.js'
import { Shown } from '../parts/shown.js'
import { visibleText } from '../parts/shown-text.js'
import { marksOf, StatusBadge } from '../status-badge.js'
import { ago } from './ago.js'
import { magnitude, placeOf, runKey } from './listed-runs.js'
import { fragmentOf, type Listing, type SortColumn } from './route.js'
import { useNow } from './surroundings.js'

/** What the table is given. */
export interface RunsTableProps {
  /** In the order in which they are shown. */
  readonly runs: readonly RunSummary[]
  readonly listing: Listing
  /** The keys of those that came just now. */
  readonly arrived: ReadonlySet<string>
  /** The keys of those that are selected, at most two. */
  readonly selected: readonly string[]
  readonly onSelect: (keys: readonly string[]) => void
  readonly onSort: (column: SortColumn, isDescending: boolean) => void
  /** Is told whether somebody looks at rows that must not move. */
  readonly onReading: (isReading: boolean) => void
}

/** As the styles have it, in pixels. */
const ROW_HEIGHT = 40
const ROWS_BESIDE = 12

const COLUMNS: readonly {
  readonly sort: SortColumn
  readonly label: string
  readonly isNumber?: boolean
}[] = [
  { sort: 'status', label: 'Status' },
  { sort: 'export', label: 'Export' },
  { sort: 'started', label: 'Started' },
  { sort: 'duration', label: 'Duration' },
  { sort: 'rows', label: 'Rows', isNumber: true },
  { sort: 'bytes', label: 'Bytes', isNumber: true },
]

/** Where the table was when it was left, so that coming back leads there. */
let leftAt = { fragment: '', top: 0 }

/**
 * The table.
 *
 * @example
 * <RunsTable runs={listed} listing={listing} selected={[]} onSelect={select} onSort={sort} onReading={read} />
 */
export function RunsTable({
  runs,
  arrived,
  listing,
  selected,
  onSelect,
  onSort,
  onReading,
}: RunsTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 800 })
  const [active, setActive] = useState(0)
  /** The row that is to have the focus as soon as it is drawn. */
  const wanted = useRef<number>(undefined)
  const now = useNow()
  const longest = runs.reduce((most, run) => Math.max(most, magnitude(run.duration_ms) ?? 0), 0)
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - ROWS_BESIDE)
  const last = Math.min(runs.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + ROWS_BESIDE)
  const drawn = runs.slice(first, last)
  const reached =
    active >= first && active < last ? active : Math.min(first + ROWS_BESIDE, last - 1)
  useMeasured(scroller, setView)
  useReading(scroller, onReading)
  useRowClicks(scroller)
  useLeftAt(scroller, fragmentOf({ kind: 'runs', ...listing }))
  useEffect(() => {
    if (wanted.current === undefined) return
    const row = scroller.current?.querySelector(`[data-row="${wanted.current}"]`)
    if (row == null) return
    wanted.current = undefined
    row.querySelector<HTMLElement>('a')?.focus()
  })

  const goTo = (row: number) => {
    const reachable = Math.max(0, Math.min(runs.length - 1, row))
    wanted.current = reachable
    setActive(reachable)
    reveal(scroller.current, reachable)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key]?.(reached, Math.max(1, Math.floor(view.height / ROW_HEIGHT) - 2))
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    goTo(step)
  }
  const toggle = (key: string) =>
    onSelect(
      selected.includes(key)
        ? selected.filter((other) => other !== key)
        : [...selected.slice(-1), key],
    )

  return (
    <div class="runs-table" ref={scroller}>
      <table style={gapsOf(first, runs.length - last)} aria-rowcount={runs.length + 1}>
        <caption class="unseen-words">
          Runs. The arrow keys go from row to row, Enter opens one.
        </caption>
        <thead class="runs-head">
          <tr aria-rowindex={1}>
            <th scope="col" class="cell-select">
              <span class="unseen-words">Select to compare</span>
            </th>
            {COLUMNS.map(({ sort, label, isNumber }) => (
              <Heading
                key={sort}
                label={label}
                of={isNumber === true ? 'is-number' : `cell-${sort}`}
                order={
                  listing.sort === sort
                    ? listing.isDescending
                      ? 'descending'
                      : 'ascending'
                    : 'none'
                }
                onSort={() =>
                  onSort(
                    sort,
                    listing.sort === sort ? !listing.isDescending : !STARTS_ASCENDING.has(sort),
                  )
                }
              />
            ))}
            <th scope="col" class="cell-run">
              Run
            </th>
          </tr>
        </thead>
        <tbody>
          {drawn.map((run, i) => (
            <Row
              key={runKey(run)}
              run={run}
              row={first + i}
              longest={longest}
              now={now}
              isReached={first + i === reached}
              isSelected={selected.includes(runKey(run))}
              isNew={arrived.has(runKey(run))}
              onToggle={toggle}
              onFocus={setActive}
              onKeyDown={onKeyDown}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Names begin with A, the rest with what is newest, longest or most. */
const STARTS_ASCENDING: ReadonlySet<SortColumn> = new Set(['status', 'export'])

const STEPS: { readonly [key: string]: (row: number, page: number) => number } = {
  ArrowDown: (row) => row + 1,
  ArrowUp: (row) => row - 1,
  PageDown: (row, page) => row + page,
  PageUp: (row, page) => row - page,
  Home: () => 0,
  End: () => Number.MAX_SAFE_INTEGER,
}

function Heading({
  label,
  of,
  order,
  onSort,
}: {
  readonly label: string
  readonly of: string
  readonly order: 'ascending' | 'descending' | 'none'
  readonly onSort: () => void
}) {
  return (
    <th scope="col" aria-sort={order} class={of}>
      <button type="button" onClick={onSort}>
        {label}
        <span aria-hidden="true">
          {order === 'none' ? '' : order === 'ascending' ? ' ↑' : ' ↓'}
        </span>
      </button>
    </th>
  )
}

/** As high as the rows that are not drawn. */
function gapsOf(above: number, below: number) {
  return { marginTop: `${above * ROW_HEIGHT}px`, marginBottom: `${below * ROW_HEIGHT}px` }
}

interface RowProps {
  readonly run: RunSummary
  readonly row: number
  /** The longest duration of all, in ms. */
  readonly longest: number
  readonly now: number
  readonly isReached: boolean
  readonly isSelected: boolean
  readonly isNew: boolean
  readonly onToggle: (key: string) => void
  readonly onFocus: (row: number) => void
  readonly onKeyDown: (event: KeyboardEvent) => void
}

function Row({
  run,
  row,
  longest,
  now,
  isReached,
  isSelected,
  isNew,
  onToggle,
  onFocus,
  onKeyDown,
}: RowProps) {
  const { run_id, namespace, export_name, started_at, duration_ms } = run
  const tabIndex = isReached ? 0 : -1
  const part = longest === 0 ? 0 : (100 * (magnitude(duration_ms) ?? 0)) / longest
  return (
    <tr
      data-row={row}
      aria-rowindex={row + 2}
      class={isSelected ? 'is-selected' : isNew ? 'is-new' : undefined}
      onFocusIn={() => onFocus(row)}
    >
      <td class="cell-select">
        <input
          type="checkbox"
          tabIndex={tabIndex}
          aria-label={`Select ${visibleText(run_id)} to compare`}
          checked={isSelected}
          onKeyDown={onKeyDown}
          onChange={() => onToggle(runKey(run))}
        />
      </td>
      <td class="cell-status" title={marksOf(run).join(', ')}>
        <StatusBadge run={run} />
      </td>
      <td class="cell-export" title={visibleText(export_name)}>
        <Shown text={export_name} />
      </td>
      <td class="cell-started">
        {started_at === null ? (
          UNKNOWN
        ) : (
          <time dateTime={started_at} title={started_at}>
            {ago(started_at, now)}
          </time>
        )}
      </td>
      <td class="cell-duration">
        <span class="runs-duration-text">{durationText(duration_ms)}</span>
        <span class="runs-duration-bar" style={{ width: `${part.toFixed(2)}%` }} />
      </td>
      <td class="is-number">{countText(run.rows)}</td>
      <td class="is-number">{bytesText(run.bytes)}</td>
      <td class="cell-run">
        <a
          href={fragmentOf({ kind: 'run', ...placeOf(run) })}
          tabIndex={tabIndex}
          title={visibleText(run_id)}
          onKeyDown={onKeyDown}
        >
          <Shown text={run_id} />
        </a>
        {namespace !== null && (
          <span class="quiet">
            {' '}
            <Shown text={namespace} />
          </span>
        )}
      </td>
    </tr>
  )
}

type Scroller = { readonly current: HTMLDivElement | null }

function useMeasured(scroller: Scroller, setView: (view: { top: number; height: number }) => void) {
  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    const measure = () => setView({ top: box.scrollTop, height: box.clientHeight })
    measure()
    const resizing = new ResizeObserver(measure)
    resizing.observe(box)
    box.addEventListener('scroll', measure, { passive: true })
    return () => {
      resizing.disconnect()
      box.removeEventListener('scroll', measure)
    }
  }, [])
}

/** Who has scrolled, points at a row or stands on one must not lose it. */
function useReading(scroller: Scroller, onReading: (isReading: boolean) => void) {
  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const look = () =>
      onReading(box.scrollTop > 0 || box.matches(':hover') || box.contains(document.activeElement))
    const later = () => setTimeout(look)
    const events = ['scroll', 'pointerenter', 'pointerleave', 'focusin', 'focusout'] as const
    for (const name of events) box.addEventListener(name, later, { passive: true })
    return () => {
      for (const name of events) box.removeEventListener(name, later)
    }
  }, [])
}

/** A row leads where its link leads, but to who selects text in it. */
function useRowClicks(scroller: Scroller) {
  useEffect(() => {
    const box = scroller.current
    const click = ({ target }: Event) => {
      if (!(target instanceof Element) || target.closest('a, input, button') !== null) return
      if (getSelection()?.isCollapsed === false) return
      target.closest('[data-row]')?.querySelector<HTMLElement>('a')?.click()
    }
    box?.addEventListener('click', click)
    return () => box?.removeEventListener('click', click)
  }, [])
}

function useLeftAt(scroller: Scroller, fragment: string) {
  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    box.scrollTop = leftAt.fragment === fragment ? leftAt.top : 0
    const leave = () => {
      leftAt = { fragment, top: box.scrollTop }
    }
    box.addEventListener('scroll', leave, { passive: true })
    return () => box.removeEventListener('scroll', leave)
  }, [fragment])
}

/** The heading stays on top, over the first row in view. */
function reveal(box: HTMLDivElement | null, row: number): void {
  if (box === null) return
  const top = row * ROW_HEIGHT
  const heading = box.querySelector('thead')?.offsetHeight ?? 0
  const bottom = top + ROW_HEIGHT + heading
  if (top < box.scrollTop) box.scrollTop = top
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight
}
