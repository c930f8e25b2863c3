/** Events that lie so close on the time line that one mark stands for them. */
import type { EventView, Level } from '../../view/run-view.js'
import type { TimeWindow } from './time-window.js'

/** One mark: the events that it stands for, in their order, where it is, and the worst of their levels. */
export interface EventGroup {
  /** Of the line, 0 to 1. */
  readonly at: number
  readonly level: Level
  readonly events: readonly EventView[]
}

const LEVELS: readonly Level[] = ['info', 'warning', 'bad']

/**
 * Groups the events inside a window; those less than `apart` of the line from the first of a group
 * join it. A mark is `apart` wide, and stays whole at the ends of the line.
 *
 * @example
 * eventGroups(view.events, { start: 0, end: 205 }, 0.02)
 */
export function eventGroups(
  events: readonly EventView[],
  { start, end }: TimeWindow,
  apart: number,
): EventGroup[] {
  const groups: { at: number; level: Level; events: EventView[] }[] = []
  for (const event of events) {
    const exactly = (event.at_ms - start) / (end - start)
    if (exactly < 0 || exactly > 1) continue
    const at = Math.min(Math.max(exactly, apart / 2), 1 - apart / 2)
    const last = groups.at(-1)
    if (last === undefined || at - last.at >= apart) {
      groups.push({ at, level: event.level, events: [event] })
    } else {
      last.events.push(event)
      if (LEVELS.indexOf(event.level) > LEVELS.indexOf(last.level)) last.level = event.level
    }
  }
  return groups
}
