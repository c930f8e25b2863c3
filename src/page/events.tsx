/** The events of a run as a list: all of its journal's entries that are no chunk's. */
import { useState } from 'preact/hooks'
import { formatCount } from '../view/quantities.js'
import type { RunView } from '../view/run-view.js'
import { LevelSign } from './parts/level-sign.js'
import { clockText, offsetText } from './parts/moment.js'
import { MoreRows, ROWS_AT_ONCE } from './parts/more-rows.js'
import { Section } from './parts/section.js'
import { Shown } from './parts/shown.js'
import { TableFrame } from './parts/table-frame.js'

/**
 * The section of events.
 *
 * @example
 * <Events view={view} />
 */
export function Events({ view: { events, axis } }: { readonly view: RunView }) {
  const [shown, setShown] = useState(ROWS_AT_ONCE)
  if (events.length === 0 || axis === null) return null
  return (
    <Section id="events" title="Events" note={formatCount(events.length)}>
      <TableFrame name="Events">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                After
              </th>
              <th scope="col">Event</th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            {events.slice(0, shown).map((event) => (
              <tr class={event.level}>
                <td class="number" title={clockText(axis.start_at, event.at_ms)}>
                  {offsetText(event.at_ms, event.at_ms < 1000 ? 1 : 10)}
                </td>
                <td>
                  <LevelSign level={event.level} />
                  <Shown text={event.label} />
                </td>
                <td class="text">
                  <Shown text={event.text} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <MoreRows shown={shown} all={events.length} show={setShown} />
    </Section>
  )
}
