/** What is said of each topic of the help. */
import { ENVIRONMENT } from './environment.js'
import { EXIT_CODES } from './exit-codes.js'
import { FORMATS } from './formats.js'
import { IDS } from './ids.js'
import { LEDGER } from './ledger.js'
import { LOCATION_PARTS } from './locations.js'
import { REDACTION } from './redaction.js'
import { REFERENCES } from './references.js'
import { SELECTION } from './selection.js'
import type { TopicName } from './topic-names.js'
import type { Part } from './topic-text.js'

/** What is said of each topic, in order. */
export const TOPICS: Readonly<Record<TopicName, readonly Part[]>> = {
  locations: LOCATION_PARTS,
  references: REFERENCES,
  selection: SELECTION,
  formats: FORMATS,
  ids: IDS,
  ledger: LEDGER,
  redaction: REDACTION,
  environment: ENVIRONMENT,
  'exit-codes': EXIT_CODES,
}
