/** The attempts as an accessible grid with bars on a time axis; only the rows in sight are in the document. */
import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { AttemptView, RunView } from '../../view/run-view.js'
import { type CardPlace, FloatingCard } from '../parts/floating-card.js'
import { useWidth } from '../parts/use-width.js'
import { AttemptDetails } from './attempt-details.js'
import type { AttemptOrder } from './attempt-order.js'
import { AttemptRow, ROW_HEIGHT } from './attempt-row.js'
import { keyOutcome } from './grid-keys.js'
import { TimeAxis } from './time-axis.js'
import { timeScale, timeTicks } from './time-ticks.js'
import { type TimeWindow, windowBetween, zoomed } from './time-window.js'
import { useVirtualRows } from './use-virtual-rows.js'

/** CSS pixels from tick to tick, about; ticks at round times may be half of it apart. */
const TICK_WIDTH = 110
const WHEEL_STEP = 300
const MOST_KEPT = 500

/** What the grid shows, and whom it tells. */
export interface GridProps {
  readonly attempts: readonly AttemptView[]
  /** Places in `attempts`, in the order of the rows. */
  readonly shown: readonly number[]
  readonly order: AttemptOrder
  readonly axis: NonNullable<RunView['axis']>
  readonly window: TimeWindow
  /** Another window; by a drag the rows follow, so that what was dragged over is in sight. */
  readonly look: (window: TimeWindow, follow?: boolean) => void
  /** The place of the first row of the window; another object each time that it should be scrolled to. */
  readonly follow: { readonly position: number } | null
  readonly open: (attempt: AttemptView | null) => void
}

/**
 * The grid. It has the focus as a whole; the row that the arrow keys are at is its active descendant.
 *
 * @example
 * <Grid attempts={view.attempts} shown={shown} order="time" axis={view.axis} window={window} look={setWindow} follow={null} open={setOpened} />
 */
export function Grid(props: GridProps) {
  const { attempts, shown, order, axis, window, look, follow, open } = props
  const scroller = useRef<HTMLTableElement>(null)
  const line = useRef<HTMLTableCellElement>(null)
  const width = useWidth(line)
  const [active, setActive] = useState(-1)
  const [card, setCard] = useState<{ position: number; place: CardPlace } | null>(null)
  const rows = useVirtualRows({
    count: shown.length,
    height: ROW_HEIGHT,
    above: ROW_HEIGHT,
    scroller,
  })
  const at = (position: number) => attempts[shown[position] ?? -1]

  useLayoutEffect(() => {
    setActive(-1)
    setCard(null)
    scroller.current?.scrollTo({ top: 0 })
  }, [shown])
  useEffect(() => {
    if (follow !== null && follow.position >= 0)
      rows.scrollToIndex(follow.position, { align: 'start' })
  }, [follow, rows])
  // The card of a row that the keys went to: the row is in the document only after the scrolling.
  useEffect(() => {
    if (active < 0) return
    const frame = requestAnimationFrame(() => {
      const row = document.getElementById(`attempt-${active}`)
      if (row !== null) setCard({ position: active, place: placeOf(row, 0.4) })
    })
    return () => cancelAnimationFrame(frame)
  }, [active])
  useZoomWheel(scroller, line, (factor, part) => {
    const around = window.start + part * (window.end - window.start)
    look(zoomed(window, factor, around, axis.duration_ms))
  })

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2, 1)
    const place = { active, count: shown.length, page, window, duration: axis.duration_ms }
    const outcome = keyOutcome(event.key, place)
    if (outcome === undefined) return
    event.preventDefault()
    if (outcome.kind === 'row') {
      setActive(outcome.position)
      rows.scrollToIndex(outcome.position, { align: 'auto' })
    } else if (outcome.kind === 'window') look(outcome.window)
    else if (outcome.kind === 'open') open(at(active) ?? null)
    else if (card !== null) setCard(null)
    else open(null)
  }
  const point = (event: MouseEvent) => {
    const row = rowOf(event)
    const position = Number(row?.dataset.position ?? -1)
    if (row === null || position < 0) setCard(null)
    else if (position !== card?.position) {
      setCard({ position, place: { ...placeOf(row, 0), x: event.clientX + 14 } })
    }
  }
  const click = (event: MouseEvent) => {
    const position = Number(rowOf(event)?.dataset.position ?? -1)
    if (position < 0) return
    setActive(position)
    open(at(position) ?? null)
  }

  const ticks = timeTicks(window, Math.max(Math.floor(width / TICK_WIDTH), 2))
  const scale = timeScale(window, width)
  const gridlines = ticks
    .map((tick) => `M${Math.round(scale(tick.at)) + 0.5} 0v${ROW_HEIGHT}`)
    .join('')
  // A row that is drawn already is handed over as it is, so that scrolling costs the new rows only.
  const kept = useMemo(() => new Map<number, VNode>(), [attempts, shown, window, width, active])
  const drawn = (index: number) => {
    const attempt = at(index)
    const row = kept.get(index)
    if (row !== undefined || attempt === undefined) return row
    const fresh = (
      <AttemptRow
        key={index}
        attempt={attempt}
        position={index}
        top={index * ROW_HEIGHT}
        window={window}
        width={width}
        ticks={gridlines}
        active={index === active}
      />
    )
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(index, fresh)
    return fresh
  }
  const told = card === null ? undefined : at(card.position)
  return (
    <>
      <table
        ref={scroller}
        class="grid"
        {...gridAttributes(shown.length, active)}
        onKeyDown={press}
        onMouseMove={point}
        onMouseLeave={() => setCard(null)}
        onScroll={() => setCard(null)}
        onBlur={() => setCard(null)}
        onClick={click}
      >
        <thead class="grid-head">
          <tr class="row head" aria-rowindex={1}>
            <Head title="Chunk" sorted={order === 'chunk'} of="chunk" />
            <Head title="Keys" sorted={false} of="keys" />
            <Head title="Duration" sorted={order === 'duration'} of="number duration" />
            <Head title="Rows" sorted={false} of="number rows" />
            <TimeAxis
              line={line}
              ticks={ticks.map(({ at: ms, label }) => ({ x: scale(ms), label }))}
              width={width}
              sorted={order === 'time'}
              choose={(from, to) => {
                const length = window.end - window.start
                const [a, b] = [window.start + from * length, window.start + to * length]
                look(windowBetween(a, b, axis.duration_ms), true)
              }}
            />
          </tr>
        </thead>
        <tbody class="grid-body" style={{ height: `${rows.getTotalSize()}px` }}>
          {rows.getVirtualItems().map(({ index }) => drawn(index))}
        </tbody>
      </table>
      {card === null || told === undefined ? null : (
        <FloatingCard place={card.place}>
          <AttemptDetails attempt={told} axis={axis} />
        </FloatingCard>
      )}
    </>
  )
}

/** A table that is walked through is a grid; it has the focus, and says which of its rows is meant. */
function gridAttributes(rows: number, active: number) {
  return {
    role: 'grid',
    tabIndex: 0,
    'aria-label': 'Attempts at the chunks',
    'aria-rowcount': rows + 1,
    'aria-colcount': 5,
    'aria-describedby': 'waterfall-keys',
    ...(active < 0 ? {} : { 'aria-activedescendant': `attempt-${active}` }),
  } as const
}

function Head({
  title,
  sorted,
  of,
}: {
  readonly title: string
  readonly sorted: boolean
  readonly of: string
}) {
  const order = title === 'Duration' ? 'descending' : 'ascending'
  return (
    <th scope="col" class={of} aria-sort={sorted ? order : 'none'}>
      {title}
    </th>
  )
}

/** Ctrl and the wheel, which is also how a touch pad tells of two fingers. The browser must not zoom too, so the listener is an active one. */
function useZoomWheel(
  scroller: { current: HTMLElement | null },
  line: { current: HTMLElement | null },
  zoom: (factor: number, part: number) => void,
) {
  useEffect(() => {
    const { current } = scroller
    const turn = (event: WheelEvent) => {
      const { left, width } = line.current?.getBoundingClientRect() ?? { left: 0, width: 0 }
      if (!event.ctrlKey || width === 0) return
      event.preventDefault()
      const part = Math.min(Math.max((event.clientX - left) / width, 0), 1)
      zoom(2 ** (-event.deltaY / WHEEL_STEP), part)
    }
    current?.addEventListener('wheel', turn, { passive: false })
    return () => current?.removeEventListener('wheel', turn)
  })
}

function rowOf(event: MouseEvent): HTMLElement | null {
  return event.target instanceof Element
    ? event.target.closest<HTMLElement>('[data-position]')
    : null
}

function placeOf(row: Element, part: number): CardPlace {
  const { top, bottom, left, width } = row.getBoundingClientRect()
  return { top, bottom, x: left + part * width }
}
