/** The words of Jaeger and of Tempo's search for the kinds of span; they have none for one that is unspecified. */
import { type AttributeValue, SpanKind } from './trace.js'

const WORDS = [
  ['internal', SpanKind.INTERNAL],
  ['server', SpanKind.SERVER],
  ['client', SpanKind.CLIENT],
  ['producer', SpanKind.PRODUCER],
  ['consumer', SpanKind.CONSUMER],
] as const

/**
 * The kind that a word stands for.
 *
 * @example
 * KIND_OF_WORD.get('client') // 3
 */
export const KIND_OF_WORD: ReadonlyMap<AttributeValue | undefined, number> = new Map(WORDS)

/**
 * The word that stands for a kind.
 *
 * @example
 * WORD_OF_KIND.get(3) // 'client'
 */
export const WORD_OF_KIND: ReadonlyMap<number, string> = new Map(
  WORDS.map(([word, kind]) => [kind, word]),
)
