/** Attributes of spans that are no journal's: what cannot be read there says nothing. */
import type { Integer } from '../journal/events.js'
import { RivetOtelError } from '../problem.js'
import type { Attributes } from '../trace/trace.js'
import { takeBoolean, takeInteger, takeText } from './attributes.js'

/**
 * A text; `undefined` where there is none that can be read.
 *
 * @example
 * readableText(attributes, 'rivet.run.id') // 'orders_1'
 */
export function readableText(attributes: Attributes, name: string): string | undefined {
  return readable(() => takeText(attributes, name))
}

/**
 * An integer; `undefined` where there is none that can be read.
 *
 * @example
 * readableInteger(attributes, 'rivet.run.rows') // 170000
 */
export function readableInteger(attributes: Attributes, name: string): Integer | undefined {
  return readable(() => takeInteger(attributes, name))
}

/**
 * A boolean; `undefined` where there is none that can be read.
 *
 * @example
 * readableBoolean(attributes, 'rivet.resumed.has_journal') // true
 */
export function readableBoolean(attributes: Attributes, name: string): boolean | undefined {
  return readable(() => takeBoolean(attributes, name))
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RivetOtelError) return undefined
    throw error
  }
}
