/** The runs of what was received. */

import type { RunSelection } from '../../bridge/run-selection.js'
import { runsOf } from '../../bridge/runs-of.js'
import type { Receiver } from '../receiver/receiver.js'
import type { RunIndex } from '../run-index.js'
import { FilePlace } from './file-place.js'
import type { Place } from './place.js'

/**
 * The file of a receiver, which need not be there yet: it is made with what comes first.
 *
 * @example
 * serveRuns({ places: { received: receivedPlace(receiver, index, {}) }, receiver, … })
 */
export function receivedPlace(
  receiver: Receiver,
  index: RunIndex,
  { sinceUnixNano }: Pick<RunSelection, 'sinceUnixNano'>,
): Place {
  const { location } = receiver
  return new FilePlace({
    location,
    path: location,
    origin: 'received',
    isOptional: true,
    open: async (namespace) => runsOf({ location, spans: () => receiver.spans() }, { namespace }),
    index,
    sinceUnixNano,
    onWritten: (told) => receiver.onRuns(told),
  })
}
