/**
 * The number of attributes of a span or an event, where somebody limits it.
 *
 * The SDK drops what comes after the 128th, and a long text is one attribute for every 2,048 bytes.
 */
import type { Attributes } from '../trace/trace.js'
import { type AttributesInTheMaking, takeInteger, takeText } from './attributes.js'

/** No live span or event has more attributes than this; the SDK drops beyond 128, and others may add some. */
export const MAX_ATTRIBUTES = 100

const PARTS = '.parts'

/**
 * Brings attributes below a number: the texts with the most parts are put together again, whole, as
 * many as it takes. The importer takes a text in either way.
 *
 * @example
 * withinCount(event.attributes, MAX_ATTRIBUTES)
 */
export function withinCount(attributes: Attributes, most: number): AttributesInTheMaking {
  const fitting: AttributesInTheMaking = { ...attributes }
  let excess = Object.keys(fitting).length - most
  if (excess <= 0) return fitting
  const split = Object.keys(fitting)
    .filter((name) => name.endsWith(PARTS))
    .map((name) => ({ name: name.slice(0, -PARTS.length), parts: partsOf(fitting, name) }))
    .sort((a, b) => b.parts - a.parts)
  for (const { name, parts } of split) {
    if (excess <= 0) break
    joinText(fitting, name, parts)
    excess -= parts
  }
  return fitting
}

function joinText(attributes: AttributesInTheMaking, name: string, parts: number): void {
  const text = takeText(attributes, name)
  if (text === undefined) return
  attributes[name] = text
  delete attributes[`${name}${PARTS}`]
  for (let part = 2; part <= parts; part++) delete attributes[`${name}.part_${part}`]
}

function partsOf(attributes: Attributes, name: string): number {
  return Number(takeInteger(attributes, name))
}
