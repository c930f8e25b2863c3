/** The files that a run wrote, as a table that can be sorted and searched. */
import { useMemo, useState } from 'preact/hooks'
import { formatCount } from '../view/quantities.js'
import type { FileView } from '../view/run-view.js'
import { type FileOrder, filesShown } from './file-order.js'
import { bytesText, countText } from './parts/counts.js'
import { MoreRows, ROWS_AT_ONCE } from './parts/more-rows.js'
import { Section } from './parts/section.js'
import { Shown } from './parts/shown.js'
import { TableFrame } from './parts/table-frame.js'
import { useLive } from './parts/use-live.js'

const COLUMNS = [
  ['name', 'File'],
  ['rows', 'Rows'],
  ['bytes', 'Bytes'],
] as const

/**
 * The section of files.
 *
 * @example
 * <Files files={view.files} />
 */
export function Files({ files }: { readonly files: readonly FileView[] }) {
  const live = useLive()
  const [order, setOrder] = useState<FileOrder>({ by: 'written', descending: false })
  const [find, setFind] = useState('')
  const [most, setMost] = useState(ROWS_AT_ONCE)
  const shown = useMemo(() => filesShown(files, order, find), [files, order, find])
  if (files.length === 0) return null
  return (
    <Section id="files" title="Files" note={formatCount(files.length)}>
      {live && files.length > 5 ? (
        <p class="toolbar">
          <label>
            Find a file{' '}
            <input
              type="search"
              value={find}
              onInput={(event) => setFind(event.currentTarget.value)}
            />
          </label>
          {find === '' ? null : <output class="quiet">{formatCount(shown.length)} found</output>}
        </p>
      ) : null}
      <TableFrame name="Files">
        <table>
          <thead>
            <tr>
              {COLUMNS.map(([by, title]) => (
                <th
                  scope="col"
                  class={by === 'name' ? '' : 'number'}
                  aria-sort={
                    order.by !== by ? 'none' : order.descending ? 'descending' : 'ascending'
                  }
                >
                  {live ? (
                    <button type="button" class="sort" onClick={() => setOrder(next(order, by))}>
                      {title}
                      <span aria-hidden="true">
                        {order.by !== by ? ' ↕' : order.descending ? ' ↓' : ' ↑'}
                      </span>
                    </button>
                  ) : (
                    title
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, most).map((file) => (
              <tr>
                <td class="text file-name">
                  <Shown text={file.name} />
                </td>
                <td class="number">{countText(file.rows)}</td>
                <td class="number">{bytesText(file.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <MoreRows shown={most} all={shown.length} show={setMost} />
    </Section>
  )
}

/** Numbers start with the largest; the third time it is the run's own order again. */
function next(order: FileOrder, by: 'name' | 'rows' | 'bytes'): FileOrder {
  const first = by !== 'name'
  if (order.by !== by) return { by, descending: first }
  if (order.descending === first) return { by, descending: !first }
  return { by: 'written', descending: false }
}
