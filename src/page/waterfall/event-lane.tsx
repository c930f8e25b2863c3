/** The events of a run as marks on the time line that the attempts are drawn on. */
import { useRef, useState } from 'preact/hooks'
import { counted } from '../../view/quantities.js'
import type { EventView } from '../../view/run-view.js'
import { type CardPlace, FloatingCard } from '../parts/floating-card.js'
import { LevelSign } from '../parts/level-sign.js'
import { offsetText } from '../parts/moment.js'
import { Shown } from '../parts/shown.js'
import { visibleText } from '../parts/shown-text.js'
import { useWidth } from '../parts/use-width.js'
import { type EventGroup, eventGroups } from './event-groups.js'
import type { TimeWindow } from './time-window.js'

const MARK_WIDTH = 18
const MOST_TOLD = 12
const SIGNS = { info: '●', warning: '▲', bad: '✗' } as const

/**
 * The lane of events. Left and right go from mark to mark.
 *
 * @example
 * <EventLane events={view.events} window={window} />
 */
export function EventLane({
  events,
  window,
}: {
  readonly events: readonly EventView[]
  readonly window: TimeWindow
}) {
  const line = useRef<HTMLFieldSetElement>(null)
  const width = useWidth(line)
  const [told, setTold] = useState<{ group: EventGroup; place: CardPlace } | null>(null)
  const [reached, setReached] = useState(0)
  const groups = width === 0 ? [] : eventGroups(events, window, MARK_WIDTH / width)
  const inTurn = Math.min(reached, groups.length - 1)
  const tell = (group: EventGroup, element: Element) => {
    const { top, bottom, left } = element.getBoundingClientRect()
    setTold({ group, place: { top, bottom, x: left } })
  }
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setTold(null)
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const to = inTurn + by
    if (by === 0 || to < 0 || to >= groups.length) return
    event.preventDefault()
    setReached(to)
    const mark = line.current?.querySelectorAll('button')[to]
    mark?.focus()
  }
  return (
    <div class="event-lane">
      <span class="lane-name">Events</span>
      <fieldset ref={line} class="lane-line" aria-label="Events on the time line" onKeyDown={move}>
        {groups.map((group, i) => (
          <button
            type="button"
            key={group.events[0]?.entry}
            class={`event-mark ${group.level}`}
            tabIndex={i === inTurn ? 0 : -1}
            style={{ left: `${group.at * width}px` }}
            aria-label={groupWords(group)}
            onMouseEnter={(event) => tell(group, event.currentTarget)}
            onMouseLeave={() => setTold(null)}
            onFocus={(event) => {
              setReached(i)
              tell(group, event.currentTarget)
            }}
            onBlur={() => setTold(null)}
          >
            {group.events.length > 1 ? group.events.length : SIGNS[group.level]}
          </button>
        ))}
      </fieldset>
      {told === null ? null : (
        <FloatingCard place={told.place}>
          <dl class="labelled">
            {told.group.events.slice(0, MOST_TOLD).map((event) => (
              <div class={`line ${event.level}`}>
                <dt>{offsetText(event.at_ms, event.at_ms < 1000 ? 1 : 10)}</dt>
                <dd>
                  <LevelSign level={event.level} />
                  <strong>
                    <Shown text={event.label} />
                  </strong>{' '}
                  <Shown text={event.text} />
                </dd>
              </div>
            ))}
          </dl>
          {told.group.events.length > MOST_TOLD ? (
            <p class="quiet">{counted(told.group.events.length - MOST_TOLD, 'more event')}</p>
          ) : null}
        </FloatingCard>
      )}
    </div>
  )
}

function groupWords({ events }: EventGroup): string {
  const [first] = events
  if (first === undefined) return ''
  const words = `${visibleText(first.label)}: ${visibleText(first.text)}`
  return events.length === 1 ? words : `${counted(events.length, 'event')}, the first ${words}`
}
