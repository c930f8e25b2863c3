// A stranger's script: `npm run package` runs it in a folder where only the packed package is installed.
import { RivetOtelError } from 'rivet-otel'

const error = new RivetOtelError('USAGE', 'a message', { hint: 'a hint' })
if (!(error instanceof Error) || error.hint !== 'a hint')
  throw new Error('RivetOtelError is broken')
