/** The names of span events: `rivet.` and the kind in snake case, both ways. */
import { EVENT_FIELDS, type EventKind } from '../journal/events.js'

/** The span event of a kind that this version does not know. */
export const UNKNOWN_EVENT_NAME = 'rivet.unknown'

/**
 * The name of the span event for each kind of event.
 *
 * @example
 * EVENT_NAMES.PlanResolved // 'rivet.plan_resolved'
 */
export const EVENT_NAMES = Object.fromEntries(
  Object.keys(EVENT_FIELDS).map((kind) => [kind, `rivet.${snakeCase(kind)}`]),
) as { readonly [K in EventKind]: string }

const KIND_BY_NAME = new Map(
  Object.entries(EVENT_NAMES).map(([kind, name]) => [name, kind as EventKind]),
)

/**
 * The kind that a span event's name stands for; `undefined` where it is none of rivet's known ones.
 *
 * @example
 * kindOfEventName('rivet.plan_resolved') // 'PlanResolved'
 */
export function kindOfEventName(name: string): EventKind | undefined {
  return KIND_BY_NAME.get(name)
}

function snakeCase(kind: string): string {
  return kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
}
