// A stranger's program: `npm run package` checks its types against the packed package.
import { RivetOtelError } from 'rivet-otel'

const error: Error = new RivetOtelError('USAGE', 'a message', { hint: 'a hint' })

// Types that came out as `any` would take anything, so this wrong call must be an error.
// @ts-expect-error -- there is no such code
const wrong = new RivetOtelError('NO_SUCH_CODE', 'a message')

console.log(error.message, wrong.message)
